// Asks the DNS what the evaluators of trust/ want to know about one message, within bounds.
//
// 1. Whatever name servers do, the questions of one message end: after kQuestionsMax of them or at the deadline, what
//    is still open counts as not answered, and the evaluators come to their verdicts.
// 2. A slow name server delays only the message that asked.
#pragma once

#include "async/awaitable.h"
#include "async/timer.h"
#include "async/worker_pool.h"
#include "net/resolver.h"
#include "trust/dns_answers.h"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tegami::verification {

/// Limit: questions that one message may ask; SPF alone may need about 120 (RFC 7208 §4.6.4: ten MX with ten hosts
/// each).
inline constexpr std::size_t kQuestionsMax = 200;
/// Limit: how long they may take together. RFC 7208 §4.6.4 asks for at least 20 seconds.
inline constexpr auto kAskingTimeMax = std::chrono::seconds(20);

/// More octets of answers than these are evaluated by workers, if there are any: with the most laborious of SPF's records
/// it takes some tenths of a millisecond.
inline constexpr std::size_t kQuickAnswerBytes = std::size_t{4} << 10;

/// Who evaluates.
enum class Labour : std::uint8_t {
    light, ///< this thread, unless there is much in the answers
    heavy, ///< the workers
};

/// A resolver's answer as the evaluators read it: whatever is not certain is a failure.
trust::Answer to_answer(net::DnsAnswer answer);

class Inquiry {
public:
    /// Both outlive it. Its time begins now.
    Inquiry(net::Resolver& resolver, async::Timers& timers)
        : resolver_(resolver), timers_(timers), deadline_(timers.instant() + kAskingTimeMax) {}

    /// What is known so far.
    const trust::DnsAnswers& answers() const { return answers_; }

    /// Asks all of them at the same time; when it returns, each has an answer.
    async::Awaitable<> ask(trust::OpenQuestions open);

    /// The verdict of `evaluate`, a function of the answers, asked for until it needs no more of them. Without `workers`
    /// this thread does it all.
    template <class T>
    async::Awaitable<T> settle(trust::Evaluator<T> evaluate, async::WorkerPool* workers = nullptr,
                               Labour labour = Labour::light) {
        const auto work = [this, &evaluate] { return evaluate(answers_); };
        while (true) {
            trust::OpenQuestions open;
            if (workers != nullptr && (labour == Labour::heavy || answer_bytes_ > kQuickAnswerBytes)) {
                trust::Evaluation<T> result = co_await async::run(workers, work);
                if (result) co_return *std::move(result);
                open = std::move(result.error());
            } else {
                trust::Evaluation<T> result = work();
                if (result) co_return *std::move(result);
                open = std::move(result.error());
            }
            co_await ask(std::move(open));
        }
    }

private:
    async::Awaitable<> ask_one(trust::Question question);
    void take(trust::Question question, net::DnsAnswer answer);

    net::Resolver& resolver_;
    async::Timers& timers_;
    const Instant deadline_;
    trust::DnsAnswers answers_;
    std::size_t asked_ = 0;
    std::size_t answer_bytes_ = 0; ///< of the answers, roughly
};

} // namespace tegami::verification
