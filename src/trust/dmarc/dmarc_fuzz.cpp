// Any octets as a record, and a letter judged with answers that are made of them: it ends, within its look-ups.
#include "base/assert.h"
#include "trust/dmarc/destinations.h"
#include "trust/dmarc/evaluate.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

using namespace tegami;
using namespace tegami::dmarc;

namespace {

/// Takes choices off the front of the input; zeros after its end.
class Choices {
public:
    explicit Choices(std::string_view octets) : rest_(octets) {}

    unsigned below(unsigned bound) {
        if (rest_.empty()) return 0;
        const unsigned value = static_cast<unsigned char>(rest_.front()) % bound;
        rest_.remove_prefix(1);
        return value;
    }

    /// Up to the next line end.
    std::string_view line() {
        const std::string_view line = rest_.substr(0, rest_.find('\n'));
        rest_.remove_prefix(std::min(rest_.size(), line.size() + 1));
        return line;
    }

    message::Domain domain() {
        // Few labels, so that domains are often each other's ancestors.
        std::string text = below(2) == 0 ? "test" : "example";
        for (unsigned labels = below(12); labels > 0; --labels)
            text = std::string(1, static_cast<char>('a' + below(2))) + "." + text;
        return message::Domain::parse(text).value();
    }

private:
    std::string_view rest_;
};

trust::Answer make_answer(const trust::Question& question, Choices& choices) {
    trust::Answer answer{.kind = static_cast<trust::AnswerKind>(choices.below(4))};
    if (answer.kind != trust::AnswerKind::records || question.type != dns::Type::txt) return answer;
    for (unsigned count = 1 + choices.below(2); count > 0; --count) {
        const std::string prefix = choices.below(4) == 0 ? "" : "v=DMARC1;";
        answer.records.push_back({.name = question.name,
                                  .type = dns::Type::txt,
                                  .data = dns::TxtData{.strings = {prefix + std::string(choices.line())}}});
    }
    return answer;
}

/// Answers what is asked until there is a value.
template <class Evaluate>
auto settle(Choices& choices, std::size_t questions_max, Evaluate evaluate) {
    trust::DnsAnswers answers;
    while (true) {
        auto result = evaluate(answers);
        if (result) return *std::move(result);
        ASSERT(!result.error().empty());
        for (const trust::Question& question : result.error()) {
            ASSERT(!answers.find(question.name, question.type));
            answers.add(question, make_answer(question, choices));
        }
        ASSERT(answers.size() <= questions_max);
    }
}

void check_record(std::string_view text) {
    const auto record = parse_record(text);
    if (!record) return;
    ASSERT(record->rua.size() <= kReportUrisMax && record->ruf.size() <= kReportUrisMax);
    ASSERT(record->applicable || (record->p == Policy::none && !record->sp && !record->np));
    for (const Uri& uri : record->rua) {
        // An address that was taken is taken again.
        const auto again = parse_record("v=DMARC1; rua=" + uri.text);
        ASSERT(again && again->rua == std::vector{uri});
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    check_record(octets);
    check_record("v=DMARC1;" + std::string(octets));

    Choices choices(octets);
    Input input;
    for (unsigned count = choices.below(6); count > 0; --count)
        input.authors.push_back(choices.domain());
    if (choices.below(2) != 0)
        input.spf = {.domain = choices.domain(), .result = static_cast<AuthResult>(choices.below(8))};
    for (unsigned count = choices.below(20); count > 0; --count)
        input.dkim.push_back({.domain = choices.domain(), .result = static_cast<AuthResult>(choices.below(8))});
    constexpr std::size_t kOneAuthorMax = kWalkNamesMax * (1 + kAlignmentWalksMax) + 1;
    const Verdict verdict = settle(choices, kAuthorDomainsMax * kOneAuthorMax,
                                   [&](const trust::DnsAnswers& answers) { return evaluate(input, answers); });
    ASSERT(verdict.dkim.size() == input.dkim.size());
    ASSERT((verdict.result == Outcome::pass) == (verdict.spf_pass || verdict.dkim_pass));
    ASSERT(verdict.result != Outcome::fail || verdict.record);
    ASSERT(verdict.policy <= verdict.published_policy);
    if (!verdict.record) return 0;
    ASSERT(is_within(*verdict.author, verdict.record->domain));
    settle(choices, (kWalkNamesMax + 1) * (1 + kReportUrisMax),
           [&](const trust::DnsAnswers& answers) { return verified_destinations(*verdict.record, answers); });
    return 0;
}
