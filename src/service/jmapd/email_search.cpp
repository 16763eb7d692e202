#include "service/jmapd/email_search.h"

#include "async/turns.h"
#include "base/ascii.h"
#include "index/attachment_texts.h"
#include "index/email_words.h"
#include "index/query.h"
#include "message/card.h"
#include "message/sort_key.h"
#include "protocol/jmap/mail/body_lists.h"

#include <algorithm>
#include <functional>
#include <unordered_set>

namespace tegami::jmapd {

namespace {

constexpr std::size_t kEmailsPerTurn = 128;
/// Limit: emails of which records, cards or sort rows are read at once.
constexpr std::size_t kSearchedAtOnce = 512;
/// What a found email takes in memory, without the texts it is sorted by.
constexpr std::uint64_t kHitBytes = 160;
constexpr std::uint64_t kHeaderGuessBytes = 16 * 1024;

/// An email that may match, or does.
struct Hit {
    store::EmailId email;
    store::ThreadId thread;
    std::uint32_t received = 0;
    std::string key; ///< by which it is sorted
};

index::Question question_of(const imap::SearchedText& text) {
    using Where = imap::SearchedText::Where;
    index::Question question{.folded = text.folded};
    if (text.where == Where::body) question.fields = index::mask_of(index::Field::body);
    if (text.where != Where::field) return question;
    const index::Field field = index::field_of(text.field);
    question.fields = index::mask_of(field);
    question.fields_exact = field != index::Field::header;
    return question;
}

class SearchEmails {
public:
    using Outcome = Result<void, jmap::Fault>;

    SearchEmails(Call* call, store::AccountViewPtr view, const EmailSearch* search)
        : call_(call), view_(std::move(view)), search_(search), conditions_(&search->filter, view_.get()),
          attachments_(&call->service->with.store, &call->service->with.log, call->account().id()) {}

    async::Awaitable<Result<std::vector<store::EmailId>, jmap::Fault>> run() {
        co_await list_candidates();
        if (!call_->reserve(hits_.size() * kHitBytes)) co_return failure(too_large_to_answer());
        if (!search_->filter.everything) {
            CO_TRY_VOID(co_await keep_matches());
        }
        CO_TRY_VOID(co_await make_keys());
        const auto finish = [this] {
            sort();
            return collapsed();
        };
        co_return co_await async::run(&call_->service->with.workers, finish);
    }

private:
    /// Every visible email that the filter's mailbox, or the account, has.
    async::Awaitable<> list_candidates() {
        std::vector<store::EmailId> ids;
        if (search_->filter.mailbox) {
            const store::ViewPtr messages = view_->messages(*search_->filter.mailbox);
            if (!messages) co_return;
            for (const store::ViewPagePtr& page : messages->pages()) {
                for (std::size_t at = 0; at < page->size(); ++at)
                    if (!page->flags(at).has(store::Flag::deleted)) ids.push_back(page->email(at));
                co_await async::give_way();
            }
            // Two messages of it may be one email.
            const auto once = [&ids] {
                std::ranges::sort(ids);
                ids.erase(std::ranges::unique(ids).begin(), ids.end());
                return true;
            };
            co_await async::run(&call_->service->with.workers, once);
            co_await add_hits(&ids);
            co_return;
        }
        for (const auto& page : view_->by_email().pages()) {
            for (const store::EmailPlace& place : *page) {
                const store::EmailId email(place.email);
                if (place.visible() && (hits_.empty() || hits_.back().email != email))
                    hits_.push_back({email, store::ThreadId(place.thread), place.received, {}});
            }
            co_await async::give_way();
        }
    }

    async::Awaitable<> add_hits(const std::vector<store::EmailId>* ids) {
        hits_.reserve(ids->size());
        for (std::size_t at = 0; at < ids->size(); ++at) {
            const store::EmailId email = (*ids)[at];
            view_->by_email().each_from({.email = static_cast<std::uint32_t>(email.value)}, [&](const auto& place) {
                // An email whose record cannot be read has no place.
                if (place.email == email.value)
                    hits_.push_back({email, store::ThreadId(place.thread), place.received, {}});
                return false;
            });
            if (at % (kEmailsPerTurn * 4) == 0) co_await async::give_way();
        }
    }

    std::uint64_t size_of(store::EmailId email) const {
        for (const store::EmailPlace& place : view_->places(email))
            if (const auto message = view_->messages(place.mailbox)->find(place.uid)) return message->size_bytes;
        return 0;
    }

    async::Awaitable<Outcome> keep_matches() {
        const auto resolve = [](const imap::SequenceSet&, imap::Numbering) { return imap::NumberRanges(); };
        auto program = imap::SearchProgram::compile(search_->filter.key, "UTF-8", resolve);
        if (!program) co_return failure(jmap::invalid_arguments({"filter"}, "a text is not UTF-8"));
        program_ = &*program;
        std::vector<index::Question> questions;
        std::ranges::transform(program->texts(), std::back_inserter(questions), question_of);
        if (!questions.empty())
            answers_ = co_await index::look_up(&call_->service->with.store, &call_->service->with.log,
                                               call_->account().id(), std::move(questions));
        std::vector<Hit> kept;
        for (std::size_t at = 0; at < hits_.size(); at += kSearchedAtOnce)
            CO_TRY_VOID(co_await keep_some(at, std::min(hits_.size(), at + kSearchedAtOnce), &kept));
        hits_ = std::move(kept);
        co_return Outcome();
    }

    std::vector<imap::Verdict> texts_of(store::EmailId email) const {
        std::vector<imap::Verdict> verdicts;
        if (!answers_) return verdicts;
        for (std::size_t text = 0; text < program_->texts().size(); ++text) {
            const index::Found found = answers_->of(text, email);
            verdicts.push_back(found == index::Found::no    ? imap::Verdict::no
                               : found == index::Found::yes ? imap::Verdict::yes
                                                            : imap::Verdict::open);
        }
        return verdicts;
    }

    async::Awaitable<Outcome> keep_some(std::size_t begin, std::size_t end, std::vector<Hit>* kept) {
        std::vector<bool> attached(end - begin);
        const EmailFilter& filter = search_->filter;
        if (filter.asks(EmailCondition::What::has_attachment) || filter.asks(EmailCondition::What::no_attachment)) {
            CO_TRY_VOID(co_await find_attachments(begin, &attached));
        }
        for (std::size_t at = begin; at < end; ++at) {
            if (at % kEmailsPerTurn == 0) {
                co_await async::give_way();
            }
            Hit& hit = hits_[at];
            const std::vector<imap::Verdict> texts = texts_of(hit.email);
            if (answers_ && program_->ruled_out(texts)) continue;
            const auto state = view_->find(hit.email);
            if (!state) continue;
            const std::vector<std::string> held = conditions_.of(*state, size_of(hit.email), attached[at - begin]);
            const imap::MessageFacts facts{.keywords = held, .texts = texts};
            imap::Verdict verdict = program_->decide(facts);
            if (verdict == imap::Verdict::open) {
                CO_TRY(verdict, co_await read(hit.email, &facts));
            }
            if (verdict == imap::Verdict::yes) kept->push_back(std::move(hit));
        }
        co_return Outcome();
    }

    std::vector<store::EmailId> ids_of(std::size_t begin, std::size_t count) const {
        std::vector<store::EmailId> ids;
        for (std::size_t at = begin; at < begin + count; ++at)
            ids.push_back(hits_[at].email);
        return ids;
    }

    async::Awaitable<Outcome> find_attachments(std::size_t begin, std::vector<bool>* attached) {
        const auto cards = co_await call_->account().cards(ids_of(begin, attached->size()));
        if (!cards) co_return failure(method_fault(*call_, cards.error()));
        for (std::size_t at = 0; at < cards->each.size(); ++at) {
            if (at % kEmailsPerTurn == 0) {
                co_await async::give_way();
            }
            if (!cards->each[at]) continue;
            const auto card = message::decode_card(*cards->each[at]);
            (*attached)[at] = card && jmap::has_attachment(jmap::list_body(card->root));
        }
        co_return Outcome();
    }

    /// Decides by the message's own text. What cannot be read does not match; the store has logged it.
    async::Awaitable<Result<imap::Verdict, jmap::Fault>> read(store::EmailId email, const imap::MessageFacts* facts) {
        std::vector<store::EmailId> ids{email};
        const auto rows = co_await call_->account().emails(std::move(ids));
        if (!rows) co_return failure(method_fault(*call_, rows.error()));
        if (!rows->front()) co_return imap::Verdict::no;
        const auto verdict = co_await read_blob(email, rows->front()->blob, facts);
        if (verdict) co_return *verdict;
        const bool damaged =
            verdict.error().code == store::ErrorCode::damaged || verdict.error().code == store::ErrorCode::not_found;
        if (!damaged) co_return failure(method_fault(*call_, verdict.error()));
        co_return imap::Verdict::no;
    }

    async::Awaitable<store::StoreResult<imap::Verdict>> read_blob(store::EmailId email, store::BlobRef blob,
                                                                  const imap::MessageFacts* facts) {
        store::Store& store = call_->service->with.store;
        CO_TRY(std::string octets, co_await store.read_blob(blob.id, 0, std::min(blob.size, kHeaderGuessBytes)));
        if (octets.size() < blob.size && !message::Header(octets).has_end()) {
            const std::uint64_t more = std::min<std::uint64_t>(blob.size, message::kHeaderBytesMax);
            CO_TRY(octets, co_await store.read_blob(blob.id, 0, more));
        }
        const imap::HeaderText header(octets);
        const imap::Verdict verdict = program_->decide(*facts, &header);
        if (verdict != imap::Verdict::open) co_return verdict;
        CO_TRY(const std::string card_octets, co_await store.read_card(blob.id));
        const auto card = message::decode_card(card_octets);
        if (!card) co_return failure(store::Error{store::ErrorCode::damaged, "a card does not decode"});
        imap::BodyMatcher body = program_->match_body(card->root);
        for (std::uint64_t at = 0; at < blob.size && !body.done(); at += store::kReadPieceBytes) {
            CO_TRY(const std::string piece, co_await store.read_blob(blob.id, at, store::kReadPieceBytes));
            body.feed(piece);
            co_await async::give_way();
        }
        body.finish();
        CO_TRY_VOID(co_await attachments_.read(email, body.attached()));
        co_return program_->decide(*facts, &header, &body);
    }

    bool sorts_by(std::string_view property) const {
        return std::ranges::find(search_->sort.comparators, property, &jmap::Comparator::property) !=
               search_->sort.comparators.end();
    }

    async::Awaitable<Outcome> make_keys() {
        if (search_->sort.by_time()) co_return Outcome();
        const store::SortWanted wanted{
            .dates = sorts_by("sentAt"), .subject = sorts_by("subject"), .people = sorts_by("from") || sorts_by("to")};
        for (const jmap::Comparator& comparator : search_->sort.comparators) {
            const std::string keyword = keyword_of(comparator);
            tests_.emplace_back(keyword, view_->keyword_names());
            threads_.emplace_back(view_.get(), tests_.back());
        }
        for (std::size_t at = 0; at < hits_.size(); at += kSearchedAtOnce) {
            const std::size_t count = std::min(kSearchedAtOnce, hits_.size() - at);
            store::StoreResult<store::SortRows> rows;
            if (wanted.any()) rows = co_await call_->account().sort_rows(ids_of(at, count), wanted);
            if (!rows) co_return failure(method_fault(*call_, rows.error()));
            for (std::size_t one = 0; one < count; ++one) {
                const bool known = wanted.any() && rows->each[one];
                hits_[at + one].key = key_of(hits_[at + one], known ? *rows->each[one] : store::SortRow());
                bytes_ += hits_[at + one].key.size();
                if (one % kEmailsPerTurn == 0) co_await async::give_way();
            }
            if (!call_->reserve(std::exchange(bytes_, 0))) co_return failure(too_large_to_answer());
        }
        co_return Outcome();
    }

    static std::string keyword_of(const jmap::Comparator& comparator) {
        const json::value* const keyword =
            comparator.more == nullptr ? nullptr : comparator.more->if_contains("keyword");
        return keyword != nullptr && keyword->is_string() ? std::string(keyword->get_string()) : std::string();
    }

    std::string key_of(const Hit& hit, const store::SortRow& row) {
        message::SortKey key;
        const std::vector<jmap::Comparator>& comparators = search_->sort.comparators;
        for (std::size_t at = 0; at < comparators.size(); ++at) {
            const std::string_view by = comparators[at].property;
            const bool reverse = !comparators[at].ascending;
            const auto add = [&](const auto& value) { key.add(value, reverse); };
            if (by == "receivedAt") add(std::int64_t{hit.received});
            if (by == "size") add(static_cast<std::int64_t>(size_of(hit.email)));
            if (by == "sentAt") add(row.sent);
            if (by == "subject") add(row.subject);
            if (by == "from") add(std::string_view(row.person(message::SortPerson::display_from)));
            if (by == "to") add(std::string_view(row.person(message::SortPerson::display_to)));
            if (by == "hasKeyword") {
                const auto state = view_->find(hit.email);
                add(std::int64_t{state && tests_[at].has(*state)});
            }
            if (by == "allInThreadHaveKeyword") add(std::int64_t{threads_[at].all(hit.thread)});
            if (by == "someInThreadHaveKeyword") add(std::int64_t{threads_[at].some(hit.thread)});
        }
        return std::string(key.octets());
    }

    void sort() {
        const bool rising = !search_->sort.comparators.empty() && search_->sort.comparators.front().ascending;
        std::ranges::sort(hits_, [rising](const Hit& left, const Hit& right) {
            if (const int order = left.key.compare(right.key); order != 0) return order < 0;
            if (left.key.empty() && left.received != right.received) return (left.received < right.received) == rising;
            return left.email > right.email;
        });
    }

    std::vector<store::EmailId> collapsed() const {
        std::vector<store::EmailId> ids;
        std::unordered_set<std::uint64_t> threads;
        for (const Hit& hit : hits_)
            if (!search_->collapse_threads || threads.insert(hit.thread.value).second) ids.push_back(hit.email);
        return ids;
    }

    Call* const call_;
    const store::AccountViewPtr view_;
    const EmailSearch* const search_;
    EmailConditions conditions_;
    const imap::SearchProgram* program_ = nullptr; ///< while matches are kept
    std::optional<index::Answers> answers_;
    index::AttachmentTexts attachments_;
    std::vector<Hit> hits_;
    std::vector<KeywordTest> tests_; ///< by comparator
    std::vector<ThreadKeywords> threads_;
    std::uint64_t bytes_ = 0;
};

} // namespace

Result<EmailSort, jmap::Fault> compile_email_sort(const json::value* sort) {
    EmailSort compiled;
    TRY(compiled.comparators, jmap::parse_sort(sort));
    for (const jmap::Comparator& comparator : compiled.comparators) {
        const bool known = std::ranges::find(kEmailSorts, comparator.property) != kEmailSorts.end();
        const bool ours = comparator.collation.empty() || comparator.collation == "i;unicode-casemap";
        if (!known || !ours)
            return failure(jmap::Fault{.type = "unsupportedSort", .description = "emails are not sorted so"});
        const bool by_keyword = comparator.property.ends_with("Keyword");
        const json::value* const keyword =
            comparator.more == nullptr ? nullptr : comparator.more->if_contains("keyword");
        if (by_keyword && (keyword == nullptr || !keyword->is_string()))
            return failure(jmap::invalid_arguments({"sort"}, "a comparator names no keyword"));
        compiled.changeable = compiled.changeable || by_keyword;
        compiled.threads = compiled.threads || comparator.property.contains("InThread");
    }
    return compiled;
}

async::Awaitable<Result<std::vector<store::EmailId>, jmap::Fault>> search_emails(Call* call, store::AccountViewPtr view,
                                                                                 const EmailSearch* search) {
    SearchEmails running(call, std::move(view), search);
    co_return co_await running.run();
}

} // namespace tegami::jmapd
