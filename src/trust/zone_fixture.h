// A few records as a test writes them, asked by evaluators until they know enough.
#pragma once

#include "base/assert.h"
#include "trust/dns_answers.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::trust {

class Zone {
public:
    /// Lines such as `example.org TXT "v=spf1 -all"`: name, type and rdata as in a zone file. CNAMEs are followed.
    explicit Zone(std::vector<std::string> lines = {}) {
        for (const std::string& line : lines)
            add(line);
    }

    void add(std::string_view line) {
        const std::size_t type_at = line.find(' ') + 1;
        const std::size_t data_at = line.find(' ', type_at) + 1;
        const auto type = dns::parse_type(line.substr(type_at, data_at - 1 - type_at));
        ASSERT(type.has_value());
        const auto data = dns::parse_rdata(*type, line.substr(data_at));
        ASSERT(data.has_value());
        add(name_of(line.substr(0, type_at - 1)), *type, *data);
    }

    /// A TXT record of these octets, whatever they are.
    void add_text(std::string_view name, std::string_view octets) {
        dns::TxtData data;
        for (; octets.size() > kStringBytesMax; octets.remove_prefix(kStringBytesMax))
            data.strings.emplace_back(octets.substr(0, kStringBytesMax));
        data.strings.emplace_back(octets);
        add(name_of(name), dns::Type::txt, std::move(data));
    }

    /// Questions about this name, of every type, get no answer.
    void break_name(std::string_view name) { broken_.push_back(name_of(name)); }

    /// Answers from this name and below are proven from now on, as far as all of their CNAMEs are.
    void sign(std::string_view zone) { signed_.push_back(name_of(zone)); }

    Answer answer(const Question& question) const {
        Answer answer;
        dns::Name owner = question.name;
        answer.secure = is_signed(owner);
        for (std::size_t hops = 0; hops < kAliasesMax; ++hops) {
            if (std::ranges::find(broken_, owner) != broken_.end()) return Answer{};
            const auto [first, last] = records_.equal_range({.name = owner, .type = question.type});
            for (auto each = first; each != last; ++each)
                answer.records.push_back(each->second);
            if (!answer.records.empty()) break;
            const auto alias = records_.find({.name = owner, .type = dns::Type::cname});
            if (alias == records_.end()) break;
            owner = std::get<dns::NameData>(alias->second.data).name;
            answer.aliases.push_back(owner);
            answer.secure = answer.secure && is_signed(owner);
        }
        // A name exists if it has records or something lies below it (RFC 8020 §2).
        const bool exists =
            std::ranges::any_of(records_, [&](const auto& each) { return each.first.name.is_within(owner); });
        answer.kind = !answer.records.empty() ? AnswerKind::records
                      : exists                ? AnswerKind::no_data
                                              : AnswerKind::no_name;
        return answer;
    }

    /// The verdict of `evaluate` (a function of DnsAnswers that returns an Evaluation), called again with the answers
    /// until it has one.
    template <class Evaluate>
    auto ask(Evaluate evaluate) {
        DnsAnswers answers;
        while (true) {
            auto result = evaluate(std::as_const(answers));
            if (result) return *std::move(result);
            ASSERT(!result.error().empty());
            for (const Question& question : result.error()) {
                ASSERT(!answers.find(question.name, question.type));
                answers.add(question, answer(question));
                ++questions_;
            }
        }
    }

    /// How many questions ask() has asked in all.
    std::size_t questions() const { return questions_; }

private:
    static constexpr std::size_t kAliasesMax = 16;
    static constexpr std::size_t kStringBytesMax = 255;

    bool is_signed(const dns::Name& name) const {
        return std::ranges::any_of(signed_, [&](const dns::Name& zone) { return name.is_within(zone); });
    }

    static dns::Name name_of(std::string_view text) {
        const auto name = dns::Name::parse(text);
        ASSERT(name.has_value());
        return *name;
    }

    void add(dns::Name name, dns::Type type, dns::Data data) {
        records_.emplace(Question{.name = name, .type = type},
                         dns::Record{.name = name, .type = type, .ttl_seconds = 300, .data = std::move(data)});
    }

    std::multimap<Question, dns::Record> records_;
    std::vector<dns::Name> broken_;
    std::vector<dns::Name> signed_;
    std::size_t questions_ = 0;
};

} // namespace tegami::trust
