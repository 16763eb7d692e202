#include "verification/examination.h"

#include "verification/inquiry.h"

namespace tegami::verification {

async::Awaitable<Finding> Examination::finish(Subject subject, const message::Header* header) {
    verifier_.finish();
    validator_.finish();
    Judge judge(subject, {.signatures = verifier_, .chain = validator_}, *header, keys_);
    Inquiry inquiry(resolver_, timers_);
    const trust::Evaluator<Verdicts> evaluate = [&judge](const trust::DnsAnswers& answers) {
        return judge.evaluate(answers);
    };
    const bool is_quick = verifier_.signatures() + validator_.signatures() <= kQuickSignatures;
    Verdicts verdicts = co_await inquiry.settle(evaluate, workers_, is_quick ? Labour::light : Labour::heavy);
    co_return Finding{.subject = std::move(subject), .verdicts = std::move(verdicts)};
}

} // namespace tegami::verification
