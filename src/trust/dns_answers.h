// What the DNS has answered about one message, and what is still to be asked: how SPF, DKIM, DMARC and DANE are judged
// without a resolver in reach.
//
// 1. An evaluator is a function of its input and the answers so far. It returns a verdict or the questions that are
//    open; whoever can ask (net) does so, adds the answers and calls it again. The same answers give the same verdict.
// 2. Every answer counts, also "there is no such name": a question that has been answered is never open again.
// 3. Questions of one call are independent of each other, so they may be asked at the same time.
#pragma once

#include "base/result.h"
#include "protocol/dns/name.h"
#include "protocol/dns/record.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace tegami::trust {

struct Question {
    dns::Name name;
    dns::Type type = dns::Type::a;

    std::weak_ordering operator<=>(const Question& other) const = default;
    bool operator==(const Question& other) const = default;
};

/// In the order in which they should be asked; none of them twice.
using OpenQuestions = std::vector<Question>;

/// A verdict, or what must be known first.
template <class T>
using Evaluation = Result<T, OpenQuestions>;

enum class AnswerKind : std::uint8_t {
    records, ///< there are some
    no_data, ///< the name exists, but not with this type (RFC 2308 §2.2)
    no_name, ///< NXDOMAIN (RFC 2308 §2.1)
    failure, ///< no answer, or one that DNSSEC calls forged: another time it may be different
};

struct Answer {
    AnswerKind kind = AnswerKind::failure;
    bool secure = false;              ///< proven by DNSSEC, including that there is nothing
    std::vector<dns::Record> records; ///< of the type asked for, at the end of the CNAME chain; in no order
    std::vector<dns::Name> aliases;   ///< the CNAME targets on the way; the last owns the records
    std::uint32_t ttl_seconds = 0;

    /// No records, and that is certain: a "void look-up" (RFC 7208 §4.6.4).
    bool is_void() const { return kind == AnswerKind::no_data || kind == AnswerKind::no_name; }
};

/// A TXT record's strings joined (RFC 7208 §3.3, RFC 6376 §3.6.2.2), one for each record of the answer.
std::vector<std::string> texts(const Answer& answer);

class DnsAnswers {
public:
    /// The answer, or the question as open. The pointer is good as long as the answers.
    Evaluation<const Answer*> find(const dns::Name& name, dns::Type type) const;

    bool contains(const Question& question) const { return answers_.contains(question); }

    /// Replaces what was answered before.
    void add(Question question, Answer answer);

    std::size_t size() const { return answers_.size(); }

private:
    /// So that a look copies no name.
    struct Less {
        using is_transparent = void;

        bool operator()(const auto& a, const auto& b) const {
            return std::tie(a.name, a.type) < std::tie(b.name, b.type);
        }
    };

    std::map<Question, Answer, Less> answers_;
};

/// An evaluator with its input bound to it.
template <class T>
using Evaluator = std::function<Evaluation<T>(const DnsAnswers&)>;

/// Adds those of `more` that are not yet there.
void merge(OpenQuestions& into, const OpenQuestions& more);

} // namespace tegami::trust
