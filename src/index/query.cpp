#include "index/query.h"

#include "async/turns.h"
#include "index/writer.h"
#include "store/engine/scan.h"

#include <algorithm>
#include <map>

namespace tegami::index {

namespace {

using store::ErrorCode;
using store::StoreResult;

/// Work before others get their turn, in octets of postings decoded: well below a millisecond.
constexpr std::size_t kTurnBytes = 32 * 1024;
/// So many octets are searched or checked in the time that one is decoded.
constexpr std::size_t kCheapFactor = 8;
/// What a term that fits costs beside its postings.
constexpr std::size_t kHitWork = 16;
/// Pages read at once when all terms of a segment are searched.
constexpr std::size_t kPagesPerScan = 16;
/// So many pages of terms are searched in the time that a look at one email takes.
constexpr std::size_t kPagesPerEmail = 32;
constexpr int kAttemptsMax = 3;

store::Error page_damage() {
    return {ErrorCode::damaged, "a page of the word index is damaged or missing"};
}

/// A piece of a question's text in one segment.
struct Task {
    std::size_t question;
    Piece piece;
    EmailBits found;
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
        for (const Question& question : *questions_) {
            plans_.push_back(plan_needle(question.folded));
            answers_.exact_.push_back(plans_.back().exact && question.fields_exact);
        }
        const IndexState state = index.state;
        for (const Segment& segment : state.segments) {
            const StoreResult<> looked = co_await look_into(segment);
            if (!looked && looked.error().code != ErrorCode::damaged) co_return failure(looked.error());
            if (looked) continue;
            // Perhaps it was joined with others meanwhile.
            CO_TRY_VOID(co_await check_still_there(segment));
            co_return failure(looked.error());
        }
        for (const Segment& segment : state.segments)
            CO_TRY_VOID(co_await check_still_there(segment));
        co_return std::move(answers_);
    }

private:
    /// Errors: conflict.
    async::Awaitable<StoreResult<>> check_still_there(Segment segment) {
        if (!checked_) {
            CO_TRY(checked_, co_await read_index(engine_, account_));
        }
        if (std::ranges::find(checked_->state.segments, segment) != checked_->state.segments.end())
            co_return StoreResult<>{};
        co_return failure(store::Error{ErrorCode::conflict, "the word index was changed meanwhile"});
    }

    async::Awaitable<StoreResult<>> look_into(Segment segment) {
        segment_ = segment;
        Answers::Part part{.segment = segment,
                           .found = std::vector<EmailBits>(questions_->size(), EmailBits(segment.span(), true)),
                           .incomplete = EmailBits(segment.span())};
        CO_TRY_VOID(
            co_await find_term({Piece::Fit::whole, std::string(kIncomplete)}, mask_of(Field::body), &part.incomplete));
        std::vector<Task> searches;
        for (std::size_t at = 0; at < questions_->size(); ++at) {
            std::size_t pieces = 0;
            for (const Piece& piece : plans_[at].pieces) {
                if (++pieces > kPiecesMax) break;
                if (piece.fit == Piece::Fit::suffix || piece.fit == Piece::Fit::inside) {
                    searches.push_back({at, piece, {}});
                    continue;
                }
                EmailBits found(segment.span());
                CO_TRY_VOID(co_await find_term(piece, (*questions_)[at].fields, &found));
                part.found[at].keep_only(found);
            }
        }
        // Where few emails are left, looking at them costs less than searching all terms.
        const auto few = [&](const Task& task) {
            const std::size_t emails = part.found[task.question].count();
            return !answers_.exact_[task.question] && emails * kPagesPerEmail <= segment.pages;
        };
        std::erase_if(searches, few);
        CO_TRY_VOID(co_await search_terms(&searches));
        for (const Task& task : searches)
            part.found[task.question].keep_only(task.found);
        answers_.parts_.push_back(std::move(part));
        co_return StoreResult<>{};
    }

    /// The emails with the term, or with terms that begin so.
    async::Awaitable<StoreResult<>> find_term(Piece piece, FieldMask fields, EmailBits* found) {
        const store::Range all = term_pages(segment_.id);
        store::Range last{.begin = all.begin, // the key of the first page
                          .end = term_page_key(segment_.id, piece.text) + '\0',
                          .rows_max = 1,
                          .reverse = true};
        CO_TRY(const store::Page page, co_await engine_->scan(index_domain(account_), std::move(last)));
        if (page.rows.empty()) co_return failure(page_damage());
        const store::Row& first = page.rows.front();
        std::string next_term(first_term_of(first.key));
        CO_TRY(bool more, co_await look_at_page(&first, &piece, fields, found, &next_term));
        store::Scan scan(engine_, index_domain(account_),
                         {.begin = first.key + '\0', .end = all.end, .rows_max = kPagesPerScan});
        while (more && scan.more()) {
            CO_TRY(const store::Page pages, co_await scan.next());
            for (std::size_t at = 0; more && at < pages.rows.size(); ++at) {
                CO_TRY(more, co_await look_at_page(&pages.rows[at], &piece, fields, found, &next_term));
            }
        }
        if (more) co_return failure(page_damage()); // there should be another page
        co_return StoreResult<>{};
    }

    /// True if the next page may have something that fits, too; `piece` is whole or prefix, `next_term` the first term
    /// of this page and then of the next.
    async::Awaitable<StoreResult<bool>> look_at_page(const store::Row* row, const Piece* piece, FieldMask fields,
                                                     EmailBits* found, std::string* next_term) {
        const auto terms = TermPage::decode(row->key, row->value);
        if (!terms || *next_term != first_term_of(row->key)) co_return failure(page_damage());
        work_ += row->value.size() / kCheapFactor;
        const std::vector<std::size_t> hits = terms->find(*piece);
        if (!hits.empty()) {
            CO_TRY_VOID(co_await add_hits(row->key, &*terms, hits, fields, found));
        }
        if (work_ >= kTurnBytes) co_await give_way();
        *next_term = terms->next_term();
        co_return !ends_before(*terms, *piece);
    }

    /// True if the pages behind this one have nothing that fits; `piece` is whole or prefix.
    static bool ends_before(const TermPage& page, const Piece& piece) {
        const std::string_view next = page.next_term();
        if (next.empty()) return true;
        if (piece.fit == Piece::Fit::whole) return piece.text < next;
        return next > piece.text && !next.starts_with(piece.text);
    }

    /// Adds the emails of some terms of the page with this key.
    async::Awaitable<StoreResult<>> add_hits(std::string terms_key, const TermPage* terms,
                                             std::vector<std::size_t> hits, FieldMask fields, EmailBits* found) {
        const auto places = terms->places(hits);
        if (!places) co_return failure(page_damage());
        work_ += hits.size() * kHitWork;
        FieldMask had = 0;
        for (const PostingsPlace& place : *places)
            had |= place.fields & fields;
        if (had == 0) co_return StoreResult<>{};
        const std::string_view first = first_term_of(terms_key);
        std::string header_key = (had & kHeaderFields) != 0 ? header_page_key(segment_.id, first) : std::string();
        std::string body_key = (had & kBodyField) != 0 ? body_page_key(segment_.id, first) : std::string();
        CO_TRY_VOID(co_await read_postings(std::move(header_key), &header_));
        CO_TRY_VOID(co_await read_postings(std::move(body_key), &body_));
        for (const PostingsPlace& place : *places) {
            const auto octets = place.in(header_.lists, body_.lists, fields);
            const bool added = octets && add_postings(*octets, fields, segment_.span(), *found);
            if (!added) co_return failure(page_damage());
            work_ += octets->header.size() + octets->body.size();
            if (work_ >= kTurnBytes) co_await give_way();
        }
        co_return StoreResult<>{};
    }

    /// A page of postings, as it was read last.
    struct PostingsPage {
        std::string key;
        std::string value;
        std::string_view lists; ///< in the value
    };

    /// Without a key nothing is needed.
    async::Awaitable<StoreResult<>> read_postings(std::string key, PostingsPage* page) {
        if (key.empty() || key == page->key) co_return StoreResult<>{};
        page->key.clear();
        CO_TRY(std::optional<std::string> value, co_await engine_->get(index_domain(account_), key));
        if (!value) co_return failure(page_damage());
        page->value = *std::move(value);
        const auto lists = decode_postings_page(key, page->value);
        if (!lists) co_return failure(page_damage());
        work_ += page->value.size() / kCheapFactor;
        page->lists = *lists;
        page->key = std::move(key);
        co_return StoreResult<>{};
    }

    async::Awaitable<> give_way() {
        work_ = 0;
        co_await async::give_way();
    }

    /// Looks at every term of the segment.
    async::Awaitable<StoreResult<>> search_terms(std::vector<Task>* tasks) {
        if (tasks->empty()) co_return StoreResult<>{};
        for (Task& task : *tasks)
            task.found = EmailBits(segment_.span());
        store::Range range = term_pages(segment_.id);
        range.rows_max = kPagesPerScan;
        store::Scan scan(engine_, index_domain(account_), std::move(range));
        std::uint64_t pages = 0;
        while (scan.more()) {
            CO_TRY(const store::Page page, co_await scan.next());
            for (const store::Row& row : page.rows) {
                CO_TRY_VOID(co_await search_page(&row, tasks));
                ++pages;
            }
        }
        if (pages != segment_.pages) co_return failure(page_damage());
        co_return StoreResult<>{};
    }

    async::Awaitable<StoreResult<>> search_page(const store::Row* row, std::vector<Task>* tasks) {
        const auto terms = TermPage::decode(row->key, row->value);
        if (!terms) co_return failure(page_damage());
        for (Task& task : *tasks) {
            work_ += row->value.size() / kCheapFactor;
            const std::vector<std::size_t> hits = terms->find(task.piece);
            const FieldMask fields = (*questions_)[task.question].fields;
            if (!hits.empty()) {
                CO_TRY_VOID(co_await add_hits(row->key, &*terms, hits, fields, &task.found));
            }
            if (work_ >= kTurnBytes) co_await give_way();
        }
        co_return StoreResult<>{};
    }

    store::Engine* const engine_;
    const store::AccountId account_;
    const std::vector<Question>* const questions_;
    std::vector<NeedlePlan> plans_;
    Answers answers_;
    Segment segment_; ///< that is being looked into
    PostingsPage header_;
    PostingsPage body_;
    std::size_t work_ = 0; ///< octets since others had their turn
    std::optional<CurrentIndex> checked_;
};

Found Answers::of(std::size_t question, store::EmailId email) const {
    const auto after = std::ranges::upper_bound(parts_, email.value, {},
                                                [](const Part& part) { return std::uint64_t{part.segment.first}; });
    if (after == parts_.begin() || question >= exact_.size()) return Found::maybe;
    const Part& part = *std::prev(after);
    if (email.value >= part.segment.end) return Found::maybe;
    const std::size_t at = email.value - part.segment.first;
    const bool found = part.found[question].contains(at);
    if (found && exact_[question]) return Found::yes;
    return found || part.incomplete.contains(at) ? Found::maybe : Found::no;
}

std::size_t Answers::memory_bytes() const {
    std::size_t bytes = 0;
    for (const Part& part : parts_)
        bytes += (part.found.size() + 1) * (part.segment.span() / 8 + sizeof(EmailBits));
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
