#include "store/card_pages.h"

#include "async/turns.h"
#include "message/card.h"
#include "store/email_pages.h"
#include "store/sort_pages.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace tegami::store {

namespace cards {

namespace {

/// Pages that are unpacked before others on this thread get their turn.
constexpr std::size_t kPagesPerTurn = 16;

/// Cards that are decoded before others on this thread get their turn, and octets of them: a card may have a megabyte.
constexpr std::size_t kDecodedPerTurn = 32;
constexpr std::size_t kDecodedBytesPerTurn = 64 * 1024;

void put(const AccountCore* core, PendingCommit* part, std::uint32_t group,
         const std::vector<record::CardOfEmail>& cards) {
    std::string value = cards.empty() ? std::string() : record::encode_cards(cards);
    if (value.size() > core->dependencies().limits.value_bytes_max) value.clear();
    part->group_pages.insert_or_assign(record::card_page_key(group), std::move(value));
}

/// What a group is sorted by, gathered from its cards.
struct GroupOrder {
    std::vector<std::unique_ptr<HeldSortFields>> held; // rows look into these
    std::vector<record::SortOfEmail> rows;

    void add(const record::EmailRecord& email, std::string_view card) {
        const Result<message::Card, message::CardError> head =
            message::decode_card_head(card, message::CardAddresses::first);
        if (!head) return;
        auto fields = std::make_unique<HeldSortFields>(message::sort_fields(*head), email.internal_date);
        const SortRow row = fields->row();
        if (record::paged_bytes(row) > record::kPagedSortBytesMax) return;
        rows.push_back({email.id, row});
        held.push_back(std::move(fields));
    }
};

/// The value of a record as the commit will leave it; nothing if it is not there or cannot be read.
async::Awaitable<StoreResult<std::optional<std::string>>> page_value(const AccountCore* core, const PendingCommit* part,
                                                                     std::string key) {
    if (const std::string* const pending = part->find_group_page(key))
        co_return pending->empty() ? std::optional<std::string>() : *pending;
    StoreResult<std::optional<std::string>> read = co_await core->reader().get(std::move(key));
    if (!read && read.error().code == ErrorCode::damaged) co_return std::nullopt;
    co_return read;
}

/// What a find() is about to answer: for each id its card, once it is there.
struct Search {
    AccountCore* core;
    std::vector<EmailId> ids;
    Cards found;
    std::vector<bool> done;
};

/// Looks into the pages of these groups, which are rising.
async::Awaitable<StoreResult<>> look_into_pages(Search* search, std::vector<std::uint32_t> groups,
                                                std::uint32_t group_emails) {
    Engine* const engine = search->core->dependencies().engine;
    std::vector<std::string> keys;
    for (const std::uint32_t group : groups)
        keys.push_back(record::card_page_key(group));
    const auto values = co_await engine->get_many(search->core->domain(), std::move(keys));
    // A page that cannot be read is no loss: the blobs have the cards.
    if (!values && values.error().code == ErrorCode::damaged) co_return StoreResult<>{};
    if (!values) co_return failure(values.error());
    std::vector<std::optional<record::CardPage>> pages(groups.size());
    for (std::size_t at = 0; at < groups.size(); ++at) {
        if (!(*values)[at]) continue;
        pages[at] = record::decode_cards(groups[at], group_emails, *(*values)[at]);
        if (pages[at]) search->found.octets.push_back(pages[at]->octets);
        if (at % kPagesPerTurn == kPagesPerTurn - 1) co_await async::give_way();
    }
    for (std::size_t at = 0; at < search->ids.size(); ++at) {
        if (search->done[at] || search->ids[at].value > record::kIdMax) continue;
        const auto email = static_cast<std::uint32_t>(search->ids[at].value);
        const auto group = std::ranges::lower_bound(groups, email / group_emails);
        if (group == groups.end() || *group != email / group_emails) continue;
        const auto& page = pages[static_cast<std::size_t>(group - groups.begin())];
        const std::optional<std::string_view> card = page ? page->find(email) : std::nullopt;
        if (!card) continue;
        search->found.each[at] = *card;
        search->done[at] = true;
    }
    co_return StoreResult<>{};
}

/// Reads the cards that are in no page from their blobs.
async::Awaitable<StoreResult<>> look_into_blobs(Search* search) {
    std::vector<std::size_t> places;
    std::vector<BlobId> blobs;
    std::vector<EmailId> wanted;
    for (std::size_t at = 0; at < search->ids.size(); ++at) {
        if (search->done[at]) continue;
        wanted.push_back(search->ids[at]);
        places.push_back(at);
    }
    CO_TRY(const auto emails, co_await emails::find_many(search->core, std::move(wanted)));
    std::size_t kept = 0;
    for (std::size_t at = 0; at < emails.size(); ++at) {
        const StoreResult<std::optional<record::EmailRecord>>& email = emails[at];
        if (email && *email) {
            places[kept++] = places[at];
            blobs.push_back((*email)->blob.id);
        } else {
            search->found.each[places[at]] = failure(email ? Error{ErrorCode::not_found, "email"} : email.error());
        }
    }
    for (std::size_t next = 0; next < blobs.size();) {
        std::vector<BlobId> rest(blobs.begin() + static_cast<std::ptrdiff_t>(next), blobs.end());
        CO_TRY(BlobStarts starts,
               co_await search->core->dependencies().engine->read_starts(std::move(rest), {.length = 0}));
        for (StoreResult<BlobStart>& start : starts) {
            StoreResult<std::string_view>& card = search->found.each[places[next++]];
            if (!start) {
                card = failure(start.error());
                continue;
            }
            search->found.octets.push_back(std::make_shared<const std::string>(std::move(start->card)));
            card = *search->found.octets.back();
        }
    }
    co_return StoreResult<>{};
}

} // namespace

async::Awaitable<> fill(const AccountCore* core, PendingCommit* part, std::vector<record::EmailRecord> group) {
    std::vector<record::CardOfEmail> cards;
    std::vector<BlobStarts> kept; // the cards look into these
    GroupOrder order;
    const std::uint32_t number = group.front().id / core->rows().account.email_group();
    std::size_t added = 0;
    std::size_t added_bytes = 0;
    const auto add = [&](const record::EmailRecord& email, std::string_view card) {
        if (card.size() <= record::kPagedCardBytesMax) cards.push_back({email.id, card});
        order.add(email, card);
        added_bytes += card.size();
        const bool is_turn = ++added >= kDecodedPerTurn || added_bytes >= kDecodedBytesPerTurn;
        if (is_turn) added = added_bytes = 0;
        return is_turn;
    };
    for (std::size_t next = 0; next < group.size();) {
        if (const std::string* const card = part->find_card(group[next].id)) {
            if (add(group[next++], *card)) co_await async::give_way();
            continue;
        }
        std::vector<BlobId> blobs;
        for (std::size_t at = next; at < group.size() && part->find_card(group[at].id) == nullptr; ++at)
            blobs.push_back(group[at].blob.id);
        StoreResult<BlobStarts> starts =
            co_await core->dependencies().engine->read_starts(std::move(blobs), {.length = 0});
        if (!starts || starts->empty()) co_return;
        kept.push_back(*std::move(starts));
        for (const StoreResult<BlobStart>& start : kept.back()) {
            const record::EmailRecord& email = group[next++];
            if (start && add(email, start->card)) co_await async::give_way();
        }
    }
    put(core, part, number, cards);
    sort_pages::put(core, part, number, order.rows);
}

async::Awaitable<StoreResult<>> forget(const AccountCore* core, PendingCommit* part,
                                       std::vector<std::uint32_t> emails) {
    const std::uint32_t group_emails = core->rows().account.email_group();
    for (auto at = emails.begin(); at != emails.end();) {
        const std::uint32_t group = *at / group_emails;
        const auto end = std::find_if(at, emails.end(), [&](std::uint32_t id) { return id / group_emails != group; });
        const std::span<const std::uint32_t> gone(at, end);
        CO_TRY(const std::optional<std::string> value, co_await page_value(core, part, record::card_page_key(group)));
        if (const auto page = value ? record::decode_cards(group, group_emails, *value) : std::nullopt) {
            std::vector<record::CardOfEmail> left = page->cards;
            std::erase_if(
                left, [&](const record::CardOfEmail& card) { return std::ranges::binary_search(gone, card.email); });
            if (left.size() != page->cards.size()) put(core, part, group, left);
        }
        CO_TRY(const std::optional<std::string> order, co_await page_value(core, part, record::sort_page_key(group)));
        if (order) sort_pages::forget(core, part, group, *order, gone);
        at = end;
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<Cards>> find(AccountCore* core, std::vector<EmailId> ids) {
    const record::AccountRow account = core->published().row();
    const std::uint32_t group_emails = account.email_group();
    std::vector<std::uint32_t> groups;
    for (const EmailId id : ids)
        if (id.value < account.email_tail()) groups.push_back(static_cast<std::uint32_t>(id.value) / group_emails);
    std::ranges::sort(groups);
    groups.erase(std::ranges::unique(groups).begin(), groups.end());
    Search search{.core = core, .ids = std::move(ids), .found = {}, .done = {}};
    search.found.each.resize(search.ids.size());
    search.done.resize(search.ids.size());
    for (std::size_t next = 0; next < groups.size(); next += kGetManyMax) {
        const std::size_t end = std::min(groups.size(), next + kGetManyMax);
        std::vector<std::uint32_t> some(groups.begin() + static_cast<std::ptrdiff_t>(next),
                                        groups.begin() + static_cast<std::ptrdiff_t>(end));
        CO_TRY_VOID(co_await look_into_pages(&search, std::move(some), group_emails));
    }
    CO_TRY_VOID(co_await look_into_blobs(&search));
    co_return std::move(search.found);
}

} // namespace cards

async::Awaitable<StoreResult<Cards>> Account::cards(std::vector<EmailId> ids) {
    CO_TRY_VOID(core_->published().check_there());
    if (ids.size() > kDetailsMax) co_return failure(Error{ErrorCode::invalid, "too many emails at once"});
    co_return co_await cards::find(core_.get(), std::move(ids));
}

} // namespace tegami::store
