#include "index/query.h"

#include "async/turns.h"
#include "index/ranking.h"
#include "index/segment_reader.h"
#include "index/writer.h"

#include <algorithm>
#include <memory>

namespace tegami::index {

namespace {

using store::ErrorCode;
using store::StoreResult;

/// So many pages of terms are searched in the time that a look at one email takes.
constexpr std::size_t kPagesPerEmail = 32;
constexpr int kAttemptsMax = 3;
/// A language is spoken if one in so many emails has its tell-tale word.
constexpr std::size_t kEmailsPerLanguage = 64;
/// Scores put together before others get their turn.
constexpr std::size_t kTurnScores = 4096;

/// Gathers the emails that have a term which fits.
class Gather final : public HitSink {
public:
    Gather(FieldMask fields, std::uint32_t emails) : fields_(fields), found_(emails), emails_(emails) {}

    bool take(std::string_view, const EncodedPostings& postings) override {
        return add_postings(postings, fields_, emails_, found_);
    }

    const EmailBits& found() const { return found_; }

private:
    FieldMask fields_;
    EmailBits found_;
    std::uint32_t emails_;
};

/// A piece of a question's text in one segment, for which all its terms are looked at.
struct Task {
    std::size_t question;
    Piece piece;
    std::unique_ptr<Gather> gather;
};

} // namespace

/// One look at the index, segment by segment.
class Query {
public:
    Query(store::Engine* engine, store::AccountId account, const std::vector<Question>* questions)
        : engine_(engine), account_(account), questions_(questions) {}

    async::Awaitable<StoreResult<Answers>> run() {
        CO_TRY(const CurrentIndex index, co_await read_index(engine_, account_));
        if (!index.sound) co_return failure(store::Error{ErrorCode::damaged, "the word index has no sound record"});
        for (std::size_t at = 0; at < questions_->size(); ++at) {
            const Question& question = (*questions_)[at];
            const bool ranked = question.fuzzy && rankings_.size() < kFuzzyQuestionsMax;
            if (ranked) rankings_.push_back({at, Ranking(question.folded, question.fields)});
            plans_.push_back(question.fuzzy ? NeedlePlan{.pieces = {}, .exact = ranked} : plan_needle(question.folded));
            answers_.exact_.push_back(plans_.back().exact && question.fields_exact);
        }
        const IndexState state = index.state;
        std::vector<Segment> segments = state.messages.segments;
        answers_.message_parts_ = segments.size();
        segments.insert(segments.end(), state.attachments.segments.begin(), state.attachments.segments.end());
        for (const Segment& segment : segments) {
            const StoreResult<> looked = co_await look_into(segment);
            if (!looked && looked.error().code != ErrorCode::damaged) co_return failure(looked.error());
            if (looked) continue;
            // Perhaps it was joined with others meanwhile.
            CO_TRY_VOID(co_await check_still_there(segment));
            co_return failure(looked.error());
        }
        const StoreResult<> concluded = co_await conclude_rankings();
        if (!concluded && concluded.error().code != ErrorCode::damaged) co_return failure(concluded.error());
        for (const Segment& segment : segments)
            CO_TRY_VOID(co_await check_still_there(segment));
        if (!concluded) co_return failure(concluded.error());
        co_return std::move(answers_);
    }

private:
    /// Errors: conflict.
    async::Awaitable<StoreResult<>> check_still_there(Segment segment) {
        if (!checked_) {
            CO_TRY(checked_, co_await read_index(engine_, account_));
        }
        if (checked_->state.has(segment)) co_return StoreResult<>{};
        co_return failure(store::Error{ErrorCode::conflict, "the word index was changed meanwhile"});
    }

    async::Awaitable<StoreResult<>> look_into(Segment segment) {
        reader_.open(segment);
        Answers::Part part{.segment = segment,
                           .found = std::vector<EmailBits>(questions_->size(), EmailBits(segment.span(), true)),
                           .incomplete = EmailBits(segment.span()),
                           .scores = {}};
        CO_TRY(part.incomplete, co_await find({Piece::Fit::whole, std::string(kIncomplete)}, mask_of(Field::body)));
        std::vector<Task> searches;
        for (std::size_t at = 0; at < questions_->size(); ++at) {
            std::size_t pieces = 0;
            for (const Piece& piece : plans_[at].pieces) {
                if (++pieces > kPiecesMax) break;
                const FieldMask fields = (*questions_)[at].fields;
                if (piece.fit == Piece::Fit::suffix || piece.fit == Piece::Fit::inside) {
                    searches.push_back({at, piece, std::make_unique<Gather>(fields, segment.span())});
                    continue;
                }
                CO_TRY(const EmailBits found, co_await find(piece, fields));
                part.found[at].keep_only(found);
            }
        }
        CO_TRY_VOID(co_await look_at_all(&searches, &part));
        CO_TRY_VOID(co_await rank(&part, false));
        answers_.parts_.push_back(std::move(part));
        co_return StoreResult<>{};
    }

    /// The emails with the term, or with terms that begin so.
    async::Awaitable<StoreResult<EmailBits>> find(Piece piece, FieldMask fields) {
        Gather gather(fields, reader_.segment().span());
        SegmentReader::Search search{.piece = std::move(piece), .fields = fields, .sink = &gather};
        CO_TRY_VOID(co_await reader_.find(std::move(search)));
        co_return gather.found();
    }

    async::Awaitable<StoreResult<>> look_at_all(std::vector<Task>* tasks, Answers::Part* part) {
        // Where few emails are left, looking at them costs less than searching all terms.
        const auto few = [&](const Task& task) {
            const std::size_t emails = part->found[task.question].count();
            return !answers_.exact_[task.question] &&
                   emails * kPagesPerEmail <= part->segment.pages_with((*questions_)[task.question].fields);
        };
        std::erase_if(*tasks, few);
        std::vector<SegmentReader::Search> searches;
        for (const Task& task : *tasks)
            searches.push_back({task.piece, (*questions_)[task.question].fields, task.gather.get()});
        CO_TRY_VOID(co_await reader_.look_at_all(&searches));
        for (const Task& task : *tasks)
            part->found[task.question].keep_only(task.gather->found());
        co_return StoreResult<>{};
    }

    /// Answers the fuzzy questions, all of them or those that have begun again.
    async::Awaitable<StoreResult<>> rank(Answers::Part* part, bool again) {
        if (rankings_.empty()) co_return StoreResult<>{};
        CO_TRY(const std::vector<std::size_t> spoken, co_await languages_spoken());
        const Stemmers stemmers(spoken);
        for (auto& [question, ranking, begun_again] : rankings_) {
            if (again && !begun_again) continue;
            const auto number =
                static_cast<std::uint32_t>(again ? part - answers_.parts_.data() : answers_.parts_.size());
            CO_TRY_VOID(co_await ranking.look_into(&reader_, &stemmers, number, &part->found[question]));
        }
        co_return StoreResult<>{};
    }

    /// The places in languages() of those that the segment's emails are in.
    async::Awaitable<StoreResult<std::vector<std::size_t>>> languages_spoken() {
        std::vector<std::size_t> spoken;
        const std::size_t least = std::max<std::size_t>(1, reader_.segment().emails / kEmailsPerLanguage);
        for (std::size_t at = 0; at < languages().size(); ++at) {
            const FieldMask fields = mask_of(Field::body) | mask_of(Field::subject);
            CO_TRY(const EmailBits having, co_await find({Piece::Fit::whole, languages()[at].tell_tale}, fields));
            if (having.count() >= least) spoken.push_back(at);
        }
        if (spoken.empty()) spoken.push_back(0);
        co_return spoken;
    }

    /// Looks again for words that are misspelt, and scores what was found.
    async::Awaitable<StoreResult<>> conclude_rankings() {
        bool again = false;
        for (Ranked& ranked : rankings_)
            again = (ranked.again = ranked.ranking.begin_again()) || again;
        for (Answers::Part& part : answers_.parts_) {
            if (!again) break;
            reader_.open(part.segment);
            CO_TRY_VOID(co_await rank(&part, true));
        }
        std::uint64_t emails = 0;
        for (const Answers::Part& part : answers_.parts_)
            emails += part.segment.emails;
        for (const Ranked& ranked : rankings_) {
            const std::vector<Scored> scores = co_await ranked.ranking.scores(emails);
            co_await add_scores(&scores);
        }
        co_return StoreResult<>{};
    }

    async::Awaitable<> add_scores(const std::vector<Scored>* scores) {
        auto at = scores->begin();
        for (std::size_t number = 0; number < answers_.parts_.size(); ++number) {
            std::vector<Answers::Score>& before = answers_.parts_[number].scores;
            std::vector<Answers::Score> sums;
            auto old = before.begin();
            for (; at != scores->end() && at->segment == number; ++at) {
                while (old != before.end() && old->email < at->email)
                    sums.push_back(*old++);
                const bool both = old != before.end() && old->email == at->email;
                sums.push_back({at->email, at->score + (both ? (old++)->score : 0)});
                if (sums.size() % kTurnScores == 0) {
                    co_await async::give_way();
                }
            }
            sums.insert(sums.end(), old, before.end());
            before = std::move(sums);
        }
    }

    /// A fuzzy question.
    struct Ranked {
        std::size_t question;
        Ranking ranking;
        bool again = false;
    };

    store::Engine* const engine_;
    const store::AccountId account_;
    const std::vector<Question>* const questions_;
    std::vector<NeedlePlan> plans_;
    Answers answers_;
    SegmentReader reader_{engine_, account_};
    std::vector<Ranked> rankings_;
    std::optional<CurrentIndex> checked_;
};

const Answers::Part* Answers::part_of(Layer layer, store::EmailId email) const {
    const auto middle = parts_.begin() + static_cast<std::ptrdiff_t>(message_parts_);
    const auto begin = layer == Layer::messages ? parts_.begin() : middle;
    const auto end = layer == Layer::messages ? middle : parts_.end();
    const auto after = std::ranges::upper_bound(begin, end, email.value, {},
                                                [](const Part& part) { return std::uint64_t{part.segment.first}; });
    if (after == begin || email.value >= std::prev(after)->segment.end) return nullptr;
    return &*std::prev(after);
}

Found Answers::of(std::size_t question, store::EmailId email) const {
    if (question >= exact_.size()) return Found::maybe;
    const Found in_message = in(Layer::messages, question, email);
    return in_message == Found::no ? in(Layer::attachments, question, email) : in_message;
}

Found Answers::in(Layer layer, std::size_t question, store::EmailId email) const {
    const Part* const part = part_of(layer, email);
    if (part == nullptr) return layer == Layer::messages ? Found::maybe : Found::no;
    const std::size_t at = email.value - part->segment.first;
    const bool found = part->found[question].contains(at);
    if (found && exact_[question]) return Found::yes;
    return found || part->incomplete.contains(at) ? Found::maybe : Found::no;
}

std::optional<float> Answers::score(store::EmailId email) const {
    std::optional<float> best;
    for (const Layer layer : kLayers) {
        const Part* const part = part_of(layer, email);
        if (part == nullptr) continue;
        const auto at = static_cast<std::uint32_t>(email.value - part->segment.first);
        const auto found = std::ranges::lower_bound(part->scores, at, {}, &Score::email);
        if (found != part->scores.end() && found->email == at) best = std::max(found->score, best.value_or(0));
    }
    return best;
}

std::size_t Answers::memory_bytes() const {
    std::size_t bytes = 0;
    for (const Part& part : parts_)
        bytes += (part.found.size() + 1) * (part.segment.span() / 8 + sizeof(EmailBits)) +
                 part.scores.capacity() * sizeof(Score);
    return bytes;
}

async::Awaitable<StoreResult<Answers>> ask(store::Engine* engine, store::AccountId account,
                                           std::vector<Question> questions) {
    if (questions.size() > kQuestionsMax) questions.resize(kQuestionsMax);
    for (int attempt = 1;; ++attempt) {
        Query query(engine, account, &questions);
        StoreResult<Answers> answers = co_await query.run();
        const bool again = !answers && answers.error().code == ErrorCode::conflict && attempt < kAttemptsMax;
        if (!again) co_return answers;
    }
}

async::Awaitable<std::optional<Answers>> look_up(store::Store* store, Log* log, store::AccountId account,
                                                 std::vector<Question> questions) {
    StoreResult<Answers> answers = co_await ask(&store->engine(), account, std::move(questions));
    if (answers) co_return *std::move(answers);
    log->warning("a search goes on without the word index",
                 {{"account", std::to_string(account.value)}, {"reason", answers.error().detail}});
    if (answers.error().code != ErrorCode::damaged) co_return std::nullopt;
    const StoreResult<> forgotten = co_await forget_index(&store->engine(), account);
    if (forgotten) store->appends().tell(account);
    co_return std::nullopt;
}

} // namespace tegami::index
