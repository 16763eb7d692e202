#include "store/recovery/record_table.h"

#include "store/account_objects.h"
#include "store/audit_records.h"
#include "store/card_records.h"
#include "store/sort_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tegami::store {

namespace {

using record::AccountRow;
using record::AnyRow;
using record::number32;
using record::number64;

/// A decoder's answer as any row; nothing stays nothing.
template <class T>
std::optional<AnyRow> any(std::optional<T> row) {
    if (!row) return std::nullopt;
    return AnyRow(*std::move(row));
}

/// For records in which nobody looks: whether they can be read.
template <class T>
std::optional<AnyRow> other(const std::optional<T>& row) {
    if (!row) return std::nullopt;
    return AnyRow(record::OtherRow());
}

MailboxId mailbox_of(const Row& row) {
    return MailboxId(number32(row.key, 1));
}

std::optional<AnyRow> decode_account_row(const AccountRow&, const Row& row) {
    return any(record::decode_account(row.value));
}

std::optional<AnyRow> decode_mailbox_row(const AccountRow&, const Row& row) {
    return any(record::decode_mailbox(mailbox_of(row), row.value));
}

std::optional<AnyRow> decode_name(const AccountRow&, const Row& row) {
    const auto id = record::decode_number(row.value);
    if (!id || row.key.size() < 5) return std::nullopt;
    return record::NameRow{mailbox_of(row), row.key.substr(5), MailboxId(static_cast<std::uint32_t>(*id))};
}

std::optional<AnyRow> decode_keyword(const AccountRow&, const Row& row) {
    auto word = record::decode_text(row.value);
    if (!word || row.key.size() != 3) return std::nullopt;
    const auto id = static_cast<std::uint16_t>(number32(row.key + std::string(2, '\0'), 1) >> 16);
    return record::KeywordRow{id, *std::move(word)};
}

std::optional<AnyRow> decode_messages(const AccountRow& sizes, const Row& row) {
    const std::uint32_t page = number32(row.key, 5);
    auto columns = record::decode_page(page << sizes.page_bits, sizes.page_uids(), row.value);
    if (!columns) return std::nullopt;
    return record::MessagesRow{mailbox_of(row), page, *std::move(columns)};
}

std::optional<AnyRow> decode_delta_row(const AccountRow&, const Row& row) {
    auto delta = record::decode_delta(Uid(number32(row.key, 5)), row.value);
    if (!delta) return std::nullopt;
    return record::DeltaRow{mailbox_of(row), *std::move(delta)};
}

std::optional<AnyRow> decode_vanished_row(const AccountRow& sizes, const Row& row) {
    const std::uint32_t first = number32(row.key, 13) >> sizes.page_bits << sizes.page_bits;
    auto vanished = record::decode_vanished(first, sizes.page_uids(), row.value);
    if (!vanished) return std::nullopt;
    return record::VanishedRow{mailbox_of(row), *std::move(vanished)};
}

std::optional<AnyRow> decode_email_page(const AccountRow& sizes, const Row& row) {
    auto emails = record::decode_emails(number32(row.key, 1), sizes.page_emails(), row.value);
    if (!emails) return std::nullopt;
    return record::EmailsRow{*std::move(emails)};
}

std::optional<AnyRow> decode_one_email(const AccountRow&, const Row& row) {
    const auto email = record::decode_email(number32(row.key, 1), row.value);
    if (!email) return std::nullopt;
    return record::EmailsRow{{*email}};
}

std::optional<AnyRow> decode_card_page(const AccountRow& sizes, const Row& row) {
    return other(record::decode_cards(number32(row.key, 1), sizes.email_group(), row.value));
}

std::optional<AnyRow> decode_sort_page(const AccountRow& sizes, const Row& row) {
    return other(record::decode_sort(number32(row.key, 1), sizes.email_group(), row.value,
                                     {.subject = true, .threads = true, .people = true}));
}

std::optional<AnyRow> decode_count_page(const AccountRow& sizes, const Row& row) {
    auto counts = record::decode_counts(sizes.page_emails(), row.value);
    if (!counts) return std::nullopt;
    return record::CountsRow{number32(row.key, 1) << sizes.email_bits, *std::move(counts)};
}

std::optional<AnyRow> decode_one_count(const AccountRow&, const Row& row) {
    const auto count = record::decode_number(row.value);
    if (!count) return std::nullopt;
    return record::CountsRow{number32(row.key, 1),
                             {static_cast<std::uint32_t>(std::min<std::uint64_t>(*count, 0xffff'ffff))}};
}

std::optional<AnyRow> decode_log_row(const AccountRow&, const Row& row) {
    return any(record::decode_log(row.value));
}

std::optional<AnyRow> decode_hashes_row(const AccountRow&, const Row& row) {
    return other(record::decode_hashes(row.value));
}

std::optional<AnyRow> decode_number_row(const AccountRow&, const Row& row) {
    return other(record::decode_number(row.value));
}

std::optional<AnyRow> decode_text_row(const AccountRow&, const Row& row) {
    return other(record::decode_text(row.value));
}

std::optional<AnyRow> decode_delivery_row(const AccountRow&, const Row& row) {
    return other(record::decode_delivery(row.value));
}

std::optional<AnyRow> decode_removed(const AccountRow&, const Row& row) {
    return other(record::decode_removed_mailbox(row.value));
}

std::optional<AnyRow> decode_object_row(const AccountRow&, const Row& row) {
    if (row.key.size() != 10) return std::nullopt;
    return other(record::decode_object(ObjectId(number64(row.key, 2)), row.value));
}

constexpr std::array kAccountRecords{
    RecordKind{'A', "account", Owner::domain, true, decode_account_row},
    RecordKind{'B', "mailbox", Owner::mailbox, true, decode_mailbox_row},
    RecordKind{'C', "cards", Owner::domain, false, decode_card_page},
    RecordKind{'D', "message", Owner::mailbox, true, decode_delta_row},
    RecordKind{'E', "emails", Owner::domain, true, decode_email_page},
    RecordKind{'G', "delivery", Owner::domain, false, decode_delivery_row},
    RecordKind{'H', "message-id of a thread", Owner::email, false, decode_number_row},
    RecordKind{'K', "keyword", Owner::domain, true, decode_keyword},
    RecordKind{'L', "change log", Owner::domain, true, decode_log_row},
    RecordKind{'M', "counts of emails", Owner::domain, true, decode_count_page},
    RecordKind{'N', "name of a mailbox", Owner::domain, true, decode_name},
    RecordKind{'O', "object", Owner::domain, false, decode_object_row},
    RecordKind{'P', "messages", Owner::mailbox, true, decode_messages},
    RecordKind{'R', "subscription", Owner::domain, false, decode_text_row},
    RecordKind{'S', "what emails are sorted by", Owner::domain, false, decode_sort_page},
    RecordKind{'T', "thread", Owner::email, false, decode_hashes_row},
    RecordKind{'X', "deleted messages", Owner::former_mailbox, true, decode_vanished_row},
    RecordKind{'Y', "name of a removed mailbox", Owner::former_mailbox, false, decode_removed},
    RecordKind{'e', "email", Owner::email, true, decode_one_email},
    RecordKind{'m', "count", Owner::email, true, decode_one_count},
};

constexpr std::size_t kQueueIdBytes = 8;
constexpr std::size_t kQueueItemBytes = 12;

std::optional<AnyRow> decode_queue_due(const AccountRow&, const Row& row) {
    const auto destination = record::decode_text(row.value);
    if (row.key.size() != 1 + 8 + kQueueItemBytes) return std::nullopt;
    if (!destination || !record::decode_destination(*destination)) return std::nullopt;
    return record::QueueDueRow{row.key};
}

std::optional<AnyRow> decode_queue_item_row(const AccountRow&, const Row& row) {
    if (row.key.size() != 1 + kQueueItemBytes) return std::nullopt;
    return any(record::decode_queue_item(record::item_of_key(row.key), row.value));
}

std::optional<AnyRow> decode_queue_message_row(const AccountRow&, const Row& row) {
    if (row.key.size() != 1 + kQueueIdBytes) return std::nullopt;
    return any(record::decode_queue_message(QueueId(number64(row.key, 1)), row.value));
}

std::optional<AnyRow> decode_queue_listed(const AccountRow&, const Row& row) {
    if (!record::decode_text(row.value)) return std::nullopt;
    return record::QueueListedRow{record::item_of_key(row.key), row.key};
}

std::optional<AnyRow> decode_queue_held(const AccountRow&, const Row& row) {
    if (row.key.size() != 1 + 8 + kQueueIdBytes || !record::decode_text(row.value)) return std::nullopt;
    return record::QueueHeldRow{row.key};
}

std::optional<AnyRow> decode_queue_hold_row(const AccountRow&, const Row& row) {
    if (!record::decode_destination(std::string_view(row.key).substr(1))) return std::nullopt;
    return other(record::decode_queue_hold(row.value));
}

std::optional<AnyRow> decode_kept_policy(const AccountRow&, const Row& row) {
    return other(record::decode_kept_policy(row.key, row.value));
}

constexpr std::array kQueueRecords{
    RecordKind{'D', "due time", Owner::entry, false, decode_queue_due},
    RecordKind{'H', "hold of a destination", Owner::domain, false, decode_queue_hold_row},
    RecordKind{'I', "destination of a message", Owner::entry, false, decode_queue_item_row},
    RecordKind{'M', "message", Owner::entry, false, decode_queue_message_row},
    RecordKind{'P', "policy of a domain (MTA-STS)", Owner::domain, false, decode_kept_policy},
    RecordKind{'T', "due time at a destination", Owner::entry, false, decode_queue_listed},
    RecordKind{'W', "end of a letter's wait", Owner::entry, false, decode_queue_held},
};

std::optional<AnyRow> decode_event(const AccountRow&, const Row& row) {
    return any(record::decode_journey_event(row.key, row.value));
}

constexpr std::array kJourneyRecords{
    RecordKind{'A', "journeys of an address", Owner::domain, false, decode_text_row},
    RecordKind{'J', "event", Owner::domain, false, decode_event},
    RecordKind{'M', "journeys of a Message-ID", Owner::domain, false, decode_text_row},
};

std::optional<AnyRow> decode_tally_row(const AccountRow&, const Row& row) {
    return other(record::decode_tally_row(row.value));
}

std::optional<AnyRow> decode_tally_sum(const AccountRow&, const Row& row) {
    return other(record::decode_tally_sum({}, row.key, row.value));
}

std::optional<AnyRow> decode_tally_day(const AccountRow&, const Row& row) {
    return other(record::decode_tally_day(row.value));
}

std::optional<AnyRow> decode_kept_report(const AccountRow&, const Row& row) {
    return other(record::decode_kept_report({}, row.key, row.value));
}

std::optional<AnyRow> decode_traffic_row(const AccountRow&, const Row& row) {
    if (!record::hour_of_traffic_key(row.key)) return std::nullopt;
    return other(record::decode_traffic(row.value));
}

constexpr std::array kTallyRecords{
    RecordKind{'C', "count for a report", Owner::domain, false, decode_tally_row},
    RecordKind{'D', "counts about a domain", Owner::domain, false, decode_tally_sum},
    RecordKind{'H', "mail of an hour", Owner::domain, false, decode_traffic_row},
    RecordKind{'K', "received reports about a domain", Owner::domain, false, decode_number_row},
    RecordKind{'R', "received report", Owner::domain, false, decode_kept_report},
    RecordKind{'S', "sent report", Owner::domain, false, decode_kept_report},
    RecordKind{'T', "what a day's counts take", Owner::domain, false, decode_tally_day},
};

std::optional<AnyRow> decode_audit_row(const AccountRow&, const Row& row) {
    return other(record::decode_audit(row.key, row.value));
}

constexpr std::array kAuditRecords{
    RecordKind{'A', "change by an administrator", Owner::domain, false, decode_audit_row},
};

/// " mailbox 3"; nothing for what belongs to the whole domain.
std::string owner_text(const RecordKind* kind, std::string_view key) {
    switch (kind == nullptr ? Owner::domain : kind->owner) {
    case Owner::domain: return {};
    case Owner::mailbox:
    case Owner::former_mailbox: return fmt::format(" mailbox {}", number32(key, 1));
    case Owner::email: return fmt::format(" email {}", number32(key, std::max<std::size_t>(key.size(), 5) - 4));
    case Owner::entry: {
        if (kind->letter == 'W') return fmt::format(" entry {}", record::held_of_key(key).value);
        const bool index = kind->letter == 'D' || kind->letter == 'T';
        return fmt::format(" entry {}", index ? record::item_of_key(key).message.value : number64(key, 1));
    }
    }
    return {};
}

} // namespace

std::span<const RecordKind> record_kinds(DomainKind domain) {
    switch (domain) {
    case DomainKind::account: return kAccountRecords;
    case DomainKind::queue: return kQueueRecords;
    case DomainKind::journey: return kJourneyRecords;
    case DomainKind::tally: return kTallyRecords;
    case DomainKind::audit: return kAuditRecords;
    default: return {};
    }
}

const RecordKind* find_record_kind(DomainKind domain, std::string_view key) {
    if (key.empty()) return nullptr;
    const std::span<const RecordKind> kinds = record_kinds(domain);
    const auto found = std::ranges::find(kinds, key.front(), &RecordKind::letter);
    return found == kinds.end() ? nullptr : &*found;
}

std::optional<AnyRow> decode_row(DomainKind domain, const AccountRow& sizes, const Row& row) {
    const RecordKind* const kind = find_record_kind(domain, row.key);
    return kind == nullptr ? std::nullopt : kind->decode(sizes, row);
}

std::vector<HeldBlob> held_blobs(Domain domain, const AnyRow& row) {
    std::vector<HeldBlob> held;
    if (const auto* emails = std::get_if<record::EmailsRow>(&row))
        for (const record::EmailRecord& email : emails->emails)
            held.push_back({email.blob, record::reference_tag(AccountId(domain.id), email.id)});
    if (const auto* queued = std::get_if<QueueMessage>(&row))
        held.push_back({queued->blob, record::queue_reference_tag(domain.id, queued->id)});
    return held;
}

std::string record_owner_text(Domain domain, std::string_view key) {
    return fmt::format("{}/{}{}", static_cast<char>(domain.kind), domain.id,
                       owner_text(find_record_kind(domain.kind, key), key));
}

std::string damaged_record_text(Domain domain, std::string_view key) {
    const RecordKind* const kind = find_record_kind(domain.kind, key);
    const std::string_view what = kind == nullptr ? "of no known kind" : kind->name;
    return fmt::format("record {} cannot be read ({}: {})", record_name(domain, key), record_owner_text(domain, key),
                       what);
}

} // namespace tegami::store
