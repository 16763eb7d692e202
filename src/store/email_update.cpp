#include "store/email_update.h"

#include "base/ascii.h"
#include "store/account_append.h"
#include "store/account_sweep.h"
#include "store/account_view.h"
#include "store/email_pages.h"
#include "store/in_batches.h"
#include "store/keyword_table.h"
#include "store/message_pages.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>

namespace tegami::store {

namespace {

/// Limit: pages of mailboxes that one step touches, so that those of one step fit one batch.
constexpr std::size_t kPagesOfStepMax = 16;
/// Limit: mailboxes of one email.
constexpr std::size_t kMailboxesOfEmailMax = 1000;
/// Emails that are looked up before others have their turn.
constexpr std::size_t kEmailsPerTurn = 64;

/// An update that has not been carried out, with all messages of its email.
struct OpenUpdate {
    std::size_t position = 0; ///< in the request
    std::vector<EmailPlace> places;
};

struct PlacedRow {
    MailboxId mailbox;
    MessageRow row;
};

KeywordSet with(const KeywordSet& set, const KeywordSet& more) {
    KeywordSet result;
    std::ranges::set_union(set, more, std::back_inserter(result));
    return result;
}

KeywordSet without(const KeywordSet& set, const KeywordSet& fewer) {
    KeywordSet result;
    std::ranges::set_difference(set, fewer, std::back_inserter(result));
    return result;
}

/// The ids of those of the keywords that the account knows.
KeywordSet known_keywords(const KeywordNames& names, const std::vector<std::string>& keywords) {
    KeywordSet set;
    for (std::size_t id = 0; id < names.size(); ++id)
        if (std::ranges::any_of(keywords, [&](const auto& each) { return ascii::iequals(each, names[id]); }))
            set.push_back(static_cast<std::uint16_t>(id));
    return set;
}

/// What one step does: that of some emails, page by page, so that each page is written once.
class EmailStep {
public:
    EmailStep(AccountCore* core, const AccountView* view, PendingCommit* part)
        : core_(core), view_(view), part_(part) {}

    /// Adds what becomes of an email. After an error nothing of it is added.
    StoreResult<> plan(const EmailUpdate& update, const std::vector<EmailPlace>& places) {
        std::vector<PlacedRow> visible;
        std::vector<PlacedRow> hidden;
        for (const EmailPlace& place : places) {
            const auto row = view_->messages(place.mailbox)->find(place.uid);
            if (row) (place.visible() ? visible : hidden).push_back({place.mailbox, *row});
        }
        if (visible.empty()) return failure(Error{ErrorCode::not_found, "email"});
        if (!update.destroy) return plan_change(update, visible);
        for (const std::vector<PlacedRow>* const rows : {&visible, &hidden})
            for (const PlacedRow& gone : *rows)
                page_of(gone).deleted.push_back(gone.row);
        return {};
    }

    /// Does what is planned.
    async::Awaitable<StoreResult<>> apply() {
        for (auto& [place, page] : pages_) {
            std::ranges::sort(page.flags, {}, &messages::NewFlags::uid);
            if (!page.flags.empty()) {
                CO_TRY(const UidSet changed,
                       co_await messages::set_flags(core_, part_, place.first, std::move(page.flags)));
                if (!changed.empty()) mailboxes_.insert(place.first);
            }
            CO_TRY_VOID(co_await remove(place.first, std::move(page.deleted), record::Gone::deleted));
            CO_TRY_VOID(co_await remove(place.first, std::move(page.moved), record::Gone::moved));
        }
        std::vector<std::uint32_t> emails;
        for (auto& [mailbox, rows] : added_) {
            Uid uid = part_->mailbox(mailbox, core_->rows()).uid_next;
            for (MessageRow& row : rows) {
                row.uid = uid;
                uid = uid.next();
                emails.push_back(static_cast<std::uint32_t>(row.email.value));
            }
            mailboxes_.insert(mailbox);
            CO_TRY_VOID(co_await messages::add(core_, part_, mailbox, std::move(rows)));
        }
        if (!emails.empty()) {
            CO_TRY_VOID(co_await emails::adjust_counts(core_, part_, std::move(emails), 1));
        }
        co_return StoreResult<>{};
    }

    /// After apply(): in which something changes.
    std::set<MailboxId> mailboxes() && { return std::move(mailboxes_); }

private:
    struct PageWork {
        std::vector<messages::NewFlags> flags;
        std::vector<MessageRow> deleted;
        std::vector<MessageRow> moved;
    };

    PageWork& page_of(const PlacedRow& placed) {
        return pages_[{placed.mailbox, core_->rows().account.page_of(placed.row.uid)}];
    }

    StoreResult<> plan_change(const EmailUpdate& update, const std::vector<PlacedRow>& visible) {
        if (update.add_keywords.size() > kKeywordsPerMessageMax)
            return failure(Error{ErrorCode::invalid, "too many keywords"});
        TRY(const KeywordSet more, intern(*part_, core_->rows(), update.add_keywords));
        const KeywordNames& names = part_->keywords ? *part_->keywords : *core_->rows().keywords;
        const KeywordSet fewer = known_keywords(names, update.remove_keywords);
        // What the email has (account_view.h, rule 3), and then is to have.
        Flags flags;
        KeywordSet keywords;
        for (const PlacedRow& each : visible) {
            flags = flags | each.row.flags;
            keywords = with(keywords, each.row.keywords);
        }
        const auto is_seen = [](const PlacedRow& each) { return each.row.flags.has(Flag::seen); };
        if (!std::ranges::all_of(visible, is_seen)) flags = flags - Flags{Flag::seen};
        flags = (flags | update.add) - update.remove;
        keywords = without(with(keywords, more), fewer);
        if (keywords.size() > kKeywordsPerMessageMax) return failure(Error{ErrorCode::invalid, "too many keywords"});

        const auto goes = [&](const PlacedRow& each) {
            return std::ranges::find(update.out_of, each.mailbox) != update.out_of.end();
        };
        std::set<MailboxId> stays;
        for (const PlacedRow& each : visible)
            if (!goes(each)) stays.insert(each.mailbox);
        std::set<MailboxId> comes(update.into.begin(), update.into.end());
        std::erase_if(comes, [&](MailboxId mailbox) { return stays.contains(mailbox); });
        const auto leaving = static_cast<std::size_t>(std::ranges::count_if(visible, goes));
        TRY_VOID(check(visible.front().row, stays.size(), comes, leaving));

        for (const PlacedRow& each : visible) {
            PageWork& page = page_of(each);
            if (goes(each))
                (comes.empty() ? page.deleted : page.moved).push_back(each.row);
            else if (leaving > 0)
                page.flags.push_back({each.row.uid, flags, keywords});
            else
                page.flags.push_back({each.row.uid, (each.row.flags | update.add) - update.remove,
                                      without(with(each.row.keywords, more), fewer)});
        }
        for (const MailboxId mailbox : comes) {
            MessageRow row = visible.front().row;
            row.flags = flags;
            row.keywords = keywords;
            row.modseq = part_->modseq;
            row.saved = core_->now_seconds();
            added_[mailbox].push_back(std::move(row));
        }
        return {};
    }

    /// May the email come into these mailboxes?
    StoreResult<> check(const MessageRow& row, std::size_t staying, const std::set<MailboxId>& comes,
                        std::size_t leaving) {
        if (staying + comes.size() == 0) return failure(Error{ErrorCode::conflict, "an email has a mailbox"});
        if (staying + comes.size() > kMailboxesOfEmailMax)
            return failure(Error{ErrorCode::invalid, "too many mailboxes"});
        for (const MailboxId mailbox : comes) {
            TRY_VOID(core_->rows().find_selectable(mailbox));
            if (part_->mailbox(mailbox, core_->rows()).uid_next.value + added_[mailbox].size() + 1 > record::kIdMax)
                return failure(Error{ErrorCode::invalid, "mailbox has no UIDs left"});
        }
        if (comes.size() <= leaving) return {};
        const std::size_t more = comes.size() - leaving;
        TRY_VOID(check_quota(part_->account, more_bytes_ + more * row.size_bytes, more_rows_ + more));
        more_rows_ += more;
        more_bytes_ += more * row.size_bytes;
        return {};
    }

    async::Awaitable<StoreResult<>> remove(MailboxId mailbox, std::vector<MessageRow> rows, record::Gone why) {
        if (rows.empty()) co_return StoreResult<>{};
        std::ranges::sort(rows, {}, &MessageRow::uid);
        mailboxes_.insert(mailbox);
        co_return co_await messages::find_and_remove(core_, part_, mailbox, std::move(rows), why);
    }

    AccountCore* const core_;
    const AccountView* const view_;
    PendingCommit* const part_;
    std::map<PagePlace, PageWork> pages_;
    std::map<MailboxId, std::vector<MessageRow>> added_;
    std::set<MailboxId> mailboxes_;
    std::size_t more_rows_ = 0; // of emails that come into more mailboxes than they leave
    std::uint64_t more_bytes_ = 0;
};

class UpdateEmails {
public:
    UpdateEmails(AccountCore* core, AccountViewKeeper* views, std::vector<EmailUpdate> updates)
        : core_(core), views_(views), updates_(std::move(updates)), outcomes_(updates_.size()) {}

    async::Awaitable<StoreResult<>> run() {
        // What this commits changes no other email's messages: it is enough for all of them.
        CO_TRY(const AccountViewPtr view, co_await views_->bring_up_for_writer(core_));
        const std::vector<OpenUpdate> open = co_await find_open(view);
        InBatches batches(core_, 1);
        for (std::size_t at = 0; at < open.size();) {
            const std::size_t count = count_of_step(std::span(open).subspan(at));
            StoreResult<> done = co_await add(&batches, view, &open, at, count);
            // One of them may be the cause: each by itself.
            for (std::size_t one = at; !done && count > 1 && is_theirs(done, batches) && one < at + count; ++one) {
                done = co_await add(&batches, view, &open, one, 1);
                if (!done && is_theirs(done, batches)) done = fail(open[one], done.error());
            }
            if (!done && count == 1 && is_theirs(done, batches)) done = fail(open[at], done.error());
            CO_TRY_VOID(done);
            at += count;
        }
        co_return co_await batches.commit();
    }

    /// The answer; `outcome` is that of all that have none yet.
    std::vector<StoreResult<>> outcomes(const StoreResult<>& outcome) const {
        std::vector<StoreResult<>> all;
        for (const std::optional<StoreResult<>>& each : outcomes_)
            all.push_back(each.value_or(outcome));
        return all;
    }

    std::set<MailboxId> deep; ///< of those that have changed, the ones to fold

private:
    /// Those that have no outcome yet, so that those whose messages lie in one page are neighbours.
    async::Awaitable<std::vector<OpenUpdate>> find_open(AccountViewPtr view) const {
        std::vector<OpenUpdate> open;
        for (std::size_t position = 0; position < updates_.size(); ++position) {
            if (outcomes_[position]) continue;
            open.push_back({position, view->places(updates_[position].email)});
            if (position % kEmailsPerTurn == kEmailsPerTurn - 1) co_await async::give_way();
        }
        const auto place_of = [](const OpenUpdate& each) {
            return each.places.empty() ? std::pair(MailboxId(), Uid())
                                       : std::pair(each.places.front().mailbox, each.places.front().uid);
        };
        std::ranges::sort(open, {}, place_of);
        co_return open;
    }

    /// How many of these one step takes: at least one.
    std::size_t count_of_step(std::span<const OpenUpdate> open) const {
        const std::size_t rows_max = messages::step_rows_max(*core_);
        std::size_t rows = 0;
        std::set<PagePlace> pages;
        for (std::size_t count = 0; count < open.size(); ++count) {
            rows += open[count].places.size() + updates_[open[count].position].into.size();
            for (const EmailPlace& place : open[count].places)
                pages.emplace(place.mailbox, core_->rows().account.page_of(place.uid));
            if (count > 0 && (rows > rows_max || pages.size() > kPagesOfStepMax)) return count;
        }
        return open.size();
    }

    /// Whether it is due to the emails, and not to the store.
    static bool is_theirs(const StoreResult<>& done, const InBatches& batches) {
        return !batches.broken() &&
               (done.error().code == ErrorCode::invalid || done.error().code == ErrorCode::damaged);
    }

    StoreResult<> fail(const OpenUpdate& update, const Error& error) {
        outcomes_[update.position] = failure(error);
        return {};
    }

    async::Awaitable<StoreResult<>> add(InBatches* batches, AccountViewPtr view, const std::vector<OpenUpdate>* open,
                                        std::size_t begin, std::size_t count) {
        const auto step = [&](PendingCommit* part) { return change_some(part, view.get(), open, begin, count); };
        co_return co_await batches->add(step);
    }

    async::Awaitable<StoreResult<>> change_some(PendingCommit* part, const AccountView* view,
                                                const std::vector<OpenUpdate>* open, std::size_t begin,
                                                std::size_t count) {
        EmailStep step(core_, view, part);
        std::vector<std::pair<std::size_t, StoreResult<>>> outcomes;
        for (std::size_t at = begin; at < begin + count; ++at) {
            const OpenUpdate& each = (*open)[at];
            outcomes.emplace_back(each.position, step.plan(updates_[each.position], each.places));
        }
        CO_TRY_VOID(co_await step.apply());
        part->then([this, outcomes = std::move(outcomes), changed = std::move(step).mailboxes()] {
            for (const auto& [position, outcome] : outcomes)
                outcomes_[position] = outcome;
            for (const MailboxId mailbox : changed)
                if (core_->rows().mailboxes.at(mailbox).deltas > kMailboxDeltasMax) deep.insert(mailbox);
        });
        co_return StoreResult<>{};
    }

    AccountCore* const core_;
    AccountViewKeeper* const views_;
    const std::vector<EmailUpdate> updates_;
    std::vector<std::optional<StoreResult<>>> outcomes_; // of what is committed
};

} // namespace

async::Awaitable<std::vector<StoreResult<>>> update_emails(AccountPtr account, AccountId writer,
                                                           std::vector<EmailUpdate> updates) {
    if (updates.empty()) co_return std::vector<StoreResult<>>();
    AccountCore* const core = account->core_.get();
    const std::shared_ptr<AccountViewKeeper> part = writer == core->id() ? nullptr : core->views().part(writer);
    AccountViewKeeper* const views = part ? part.get() : &core->views().whole();
    UpdateEmails operation(core, views, std::move(updates));
    // The first view of an account takes long: others may write meanwhile.
    const auto view = co_await views->bring_up(account, core);
    StoreResult<> outcome;
    if (!view) outcome = failure(view.error());
    if (outcome) outcome = co_await core->write(&operation);
    for (const MailboxId mailbox : operation.deep) {
        co_await fold_deep(core, mailbox);
    }
    co_return operation.outcomes(outcome);
}

} // namespace tegami::store
