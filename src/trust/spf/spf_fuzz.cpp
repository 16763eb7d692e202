// Any octets as a record, and as all the answers that the DNS gives while a client is checked: it ends within its
// limits.
#include "base/ascii.h"
#include "base/assert.h"
#include "trust/spf/received_spf.h"
#include "trust/spf/record.h"

#include <cstddef>
#include <cstdint>
#include <functional>

using namespace tegami;

namespace {

/// The lines of the input; each question has one of them as its answer, and names come from them too.
class World {
public:
    explicit World(std::string_view octets) : lines_(ascii::split(octets, '\n')) {}

    std::string_view line(std::size_t number) const { return lines_[number % lines_.size()]; }

    trust::Answer answer(const trust::Question& question) const {
        const std::size_t hash = std::hash<std::string>{}(ascii::lower(question.name.wire()));
        trust::Answer answer;
        const std::string_view chosen = line(hash);
        const std::size_t count = question.type == dns::Type::txt ? 1 : chosen.size() % 13;
        answer.kind = count == 0 ? trust::AnswerKind::no_data : trust::AnswerKind::records;
        if (chosen.starts_with('!')) answer.kind = trust::AnswerKind::failure;
        if (answer.kind != trust::AnswerKind::records) return answer;
        for (std::size_t i = 0; i < count; ++i) {
            const auto host = dns::Name::parse("h" + std::to_string((hash + i) % 40) + ".test");
            dns::Record record{.name = question.name, .type = question.type, .ttl_seconds = 1, .data = {}};
            switch (question.type) {
            case dns::Type::txt:
                record.data = dns::TxtData{{hash % 3 == 0 ? "" : "v=spf1 ", std::string(chosen)}};
                break;
            case dns::Type::mx: record.data = dns::MxData{.preference = 1, .exchange = *host}; break;
            case dns::Type::ptr: record.data = dns::NameData{*host}; break;
            default: record.data = dns::AddressData{hash % 3 == 0 ? IpAddress() : IpAddress::v4({192, 0, 2, 1})};
            }
            answer.records.push_back(std::move(record));
        }
        return answer;
    }

private:
    std::vector<std::string_view> lines_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const World world(octets);
    const std::string record = "v=spf1 " + std::string(world.line(0));
    if (const auto parsed = spf::parse_record(record))
        for (const spf::Directive& directive : parsed->directives)
            ASSERT(record.contains(directive.text));

    spf::Input input{.client = IpAddress::v4({192, 0, 2, 1}),
                     .helo = std::string(world.line(1)),
                     .mail_from = spf::Sender{.local_part = std::string(world.line(2)), .domain = "a.test"},
                     .receiver = "b.test",
                     .time = {}};
    if (size % 2 == 1) input.client = IpAddress::v6({0x20, 1, 0x0d, 0xb8, 1});
    trust::DnsAnswers answers;
    const auto own = *dns::Name::parse("a.test");
    answers.add({.name = own, .type = dns::Type::txt},
                {.kind = trust::AnswerKind::records,
                 .records = {{.name = own, .type = dns::Type::txt, .data = dns::TxtData{{record}}}}});
    for (;;) {
        const auto verdict = spf::check_host(input, spf::Identity::mail_from, answers);
        if (verdict) {
            ASSERT(!verdict->path.empty() && verdict->path.size() <= spf::kLookupTermsMax + 1);
            ASSERT(!verdict->explanation || verdict->explanation->size() <= spf::kExplanationBytesMax);
            ASSERT(verdict->outcome != spf::Outcome::none || verdict->path.size() == 1);
            ASSERT(!ascii::has_high_octet(spf::received_spf_field(input, *verdict)));
            return 0;
        }
        ASSERT(!verdict.error().empty());
        for (const trust::Question& question : verdict.error()) {
            ASSERT(!answers.find(question.name, question.type));
            answers.add(question, world.answer(question));
        }
        ASSERT(answers.size() <= spf::kQuestionsMax);
    }
}
