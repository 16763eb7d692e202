// Asks an account's index which emails may hold a text.
//
// 1. The answer is never wrong: `no` and `yes` are what a look at the email would say, `maybe` means: look.
// 2. Whatever cannot be answered from the index (emails it has not come to, pages that cannot be read) is `maybe`. An
//    attachment that has not been read has no text (attachment_texts.h).
// 3. Work is cut into turns; memory is a bit for each email and question.
#pragma once

#include "async/awaitable.h"
#include "base/log.h"
#include "index/state.h"
#include "index/terms.h"
#include "store/engine/engine.h"
#include "store/store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tegami::index {

/// Limit: questions of one search that are answered; and pieces of a text that are looked for (more say little more).
inline constexpr std::size_t kQuestionsMax = 32;
inline constexpr std::size_t kPiecesMax = 16;
/// Limit: fuzzy ones among them.
inline constexpr std::size_t kFuzzyQuestionsMax = 4;

struct Question {
    FieldMask fields = kAllFields;
    /// message::fold_for_search; not empty.
    std::string folded;
    /// Whether it need not be answered exactly (ranking.h): the emails are to have the question's words, or some near to
    /// them, in any order.
    bool fuzzy = false;
    /// The fields are just those the question is about; else more text is in them, and `yes` is never the answer.
    bool fields_exact = true;
};

enum class Found : std::uint8_t { no, yes, maybe };

class Answers {
public:
    /// What is known of the email: number `question` of those that were asked.
    Found of(std::size_t question, store::EmailId email) const;

    /// How well the email fits the fuzzy questions; nothing if that is not known.
    std::optional<float> score(store::EmailId email) const;

    /// About.
    std::size_t memory_bytes() const;

private:
    friend class Query;

    struct Score {
        std::uint32_t email; ///< its number in the segment
        float score;
    };

    struct Part {
        Segment segment;
        std::vector<EmailBits> found; ///< by question
        EmailBits incomplete;
        std::vector<Score> scores; ///< of those that a fuzzy question found, by email
    };

    const Part* part_of(Layer layer, store::EmailId email) const;
    Found in(Layer layer, std::size_t question, store::EmailId email) const;

    std::vector<Part> parts_;       ///< of the messages' segments, then those of the attachments'
    std::size_t message_parts_ = 0; ///< how many are the messages'
    std::vector<bool> exact_;       ///< by question
};

/// Limits: kQuestionsMax, kFuzzyQuestionsMax; those beyond are `maybe`. Errors: damaged: the index is to be made anew; conflict: it was
/// changed again and again meanwhile; those of the engine.
async::Awaitable<store::StoreResult<Answers>> ask(store::Engine* engine, store::AccountId account,
                                                  std::vector<Question> questions);

/// ask(), for who can also look at every email: nothing if the index does not answer, which is in the log then. What is
/// damaged is forgotten, to be made anew. Both outlive the call.
async::Awaitable<std::optional<Answers>> look_up(store::Store* store, Log* log, store::AccountId account,
                                                 std::vector<Question> questions);

} // namespace tegami::index
