#include "store/account_records.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::store {

std::string record_name(Domain domain, std::string_view key) {
    std::string name = fmt::format("{}/{} ", static_cast<char>(domain.kind), domain.id);
    for (const char c : key)
        name += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return name;
}

std::string damaged_keys_name(Domain domain, const DamagedKeys& keys) {
    const std::string end = keys.end.empty() ? "the end" : record_name(domain, keys.end);
    return fmt::format("records {} to {}", record_name(domain, keys.begin), end);
}

Error damaged_record(Domain domain, std::string_view key) {
    return {ErrorCode::damaged, fmt::format("record {} cannot be read", record_name(domain, key))};
}

} // namespace tegami::store

namespace tegami::store::record {

namespace {

using bytes::append_big_endian;
using bytes::append_string;
using bytes::append_varint;
using bytes::Reader;

UidSet read_uids(Reader& in) {
    UidSet uids;
    std::uint64_t next = 0;
    for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left) {
        const std::uint64_t first = next + in.varint();
        const std::uint64_t last = first + in.varint();
        if (last > 0xffff'ffff || last < first || first < next) {
            in.fail();
            break;
        }
        uids.add(UidRange{Uid(static_cast<std::uint32_t>(first)), Uid(static_cast<std::uint32_t>(last))});
        next = last;
    }
    return uids;
}

} // namespace

void append_uids(std::string& out, const UidSet& uids) {
    append_varint(out, uids.ranges().size());
    std::uint32_t next = 0;
    for (const UidRange& range : uids.ranges()) {
        append_varint(out, range.first.value - next);
        append_varint(out, range.last.value - range.first.value);
        next = range.last.value;
    }
}

std::string encode(const AccountRow& row) {
    std::string out = begin_value();
    out.push_back(row.removed ? 1 : 0);
    append_time(out, row.created);
    append_varint(out, row.quota.bytes_max);
    append_varint(out, row.quota.messages_max);
    append_varint(out, row.bytes);
    append_varint(out, row.messages);
    append_varint(out, row.next_mailbox);
    append_varint(out, row.next_email);
    append_varint(out, row.last_uid_validity);
    out.push_back(static_cast<char>(row.page_bits));
    out.push_back(static_cast<char>(row.email_bits));
    append_varint(out, row.log_floor.value);
    return out;
}

std::optional<AccountRow> decode_account(std::string_view value) {
    Reader in = open_value(value);
    AccountRow row;
    row.removed = in.big_endian<std::uint8_t>() != 0;
    row.created = read_time(in);
    row.quota.bytes_max = in.varint();
    row.quota.messages_max = in.varint();
    row.bytes = in.varint();
    row.messages = in.varint();
    row.next_mailbox = read32(in);
    row.next_email = read32(in);
    row.last_uid_validity = read32(in);
    row.page_bits = in.big_endian<std::uint8_t>();
    row.email_bits = in.big_endian<std::uint8_t>();
    row.log_floor = Version(in.varint());
    if (!in.complete() || row.page_bits > 16 || row.email_bits < 2 || row.email_bits > 16) return std::nullopt;
    return row;
}

std::string encode(const MailboxRow& row) {
    std::string out = begin_value();
    out.push_back(static_cast<char>((row.subscribed ? 1 : 0) | (row.selectable ? 2 : 0) | (row.removed ? 4 : 0)));
    out.push_back(static_cast<char>(row.role));
    append_varint(out, row.parent.value);
    append_string(out, row.level);
    append_varint(out, row.uid_validity.value);
    append_varint(out, row.uid_next.value);
    append_varint(out, row.highest_modseq.value);
    append_varint(out, row.first_recent.value);
    append_varint(out, row.messages);
    append_varint(out, row.unseen);
    append_varint(out, row.deleted);
    append_varint(out, row.recent);
    append_varint(out, row.size_bytes);
    append_varint(out, row.deltas);
    append_varint(out, row.tail_deltas);
    append_varint(out, row.change_floor.value);
    append_varint(out, row.sort_order);
    append_access(out, row.access);
    return out;
}

std::optional<MailboxRow> decode_mailbox(MailboxId id, std::string_view value) {
    Reader in = open_value(value);
    MailboxRow row{.id = id};
    const auto bits = in.big_endian<std::uint8_t>();
    row.subscribed = (bits & 1) != 0;
    row.selectable = (bits & 2) != 0;
    row.removed = (bits & 4) != 0;
    const auto role = in.big_endian<std::uint8_t>();
    row.role = static_cast<Role>(role);
    row.parent = MailboxId(read32(in));
    row.level = in.string();
    row.uid_validity = UidValidity(read32(in));
    row.uid_next = Uid(read32(in));
    row.highest_modseq = Modseq(in.varint());
    row.first_recent = Uid(read32(in));
    row.messages = read32(in);
    row.unseen = read32(in);
    row.deleted = read32(in);
    row.recent = read32(in);
    row.size_bytes = in.varint();
    row.deltas = read32(in);
    row.tail_deltas = read32(in);
    row.change_floor = Modseq(in.varint());
    row.sort_order = read32(in);
    row.access = read_access(in);
    if (!in.complete() || bits > 7 || role > static_cast<std::uint8_t>(Role::archive)) return std::nullopt;
    return row;
}

std::string encode(const RemovedMailboxRow& row) {
    std::string out = begin_value();
    out.push_back(static_cast<char>(row.role));
    append_string(out, row.name);
    return out;
}

std::optional<RemovedMailboxRow> decode_removed_mailbox(std::string_view value) {
    Reader in = open_value(value);
    const auto role = in.big_endian<std::uint8_t>();
    RemovedMailboxRow row{.role = static_cast<Role>(role), .name = std::string(in.string())};
    if (!in.complete() || role > static_cast<std::uint8_t>(Role::archive)) return std::nullopt;
    return row;
}

std::string encode(const LogRow& row) {
    std::string out = begin_value();
    append_time(out, row.time);
    append_varint(out, row.mailboxes.size());
    for (const MailboxChanges& mailbox : row.mailboxes) {
        append_varint(out, mailbox.mailbox.value);
        out.push_back(static_cast<char>(mailbox.itself));
        append_uids(out, mailbox.appended);
        append_uids(out, mailbox.changed);
        append_uids(out, mailbox.marked);
        append_uids(out, mailbox.expunged);
    }
    return out;
}

std::optional<LogRow> decode_log(std::string_view value) {
    Reader in = open_value(value);
    LogRow row;
    row.time = read_time(in);
    for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left) {
        MailboxChanges& mailbox = row.mailboxes.emplace_back();
        mailbox.mailbox = MailboxId(read32(in));
        const auto itself = in.big_endian<std::uint8_t>();
        if (itself > static_cast<std::uint8_t>(MailboxChanges::Itself::changed)) in.fail();
        mailbox.itself = static_cast<MailboxChanges::Itself>(itself);
        mailbox.appended = read_uids(in);
        mailbox.changed = read_uids(in);
        mailbox.marked = read_uids(in);
        mailbox.expunged = read_uids(in);
    }
    if (!in.complete()) return std::nullopt;
    return row;
}

std::string encode(const EmailRecord& email) {
    std::string out = begin_value();
    append_varint(out, email.thread);
    append_blob(out, email.blob);
    append_time(out, email.internal_date);
    append_zone(out, email.zone);
    return out;
}

std::optional<EmailRecord> decode_email(std::uint32_t id, std::string_view value) {
    Reader in = open_value(value);
    EmailRecord email{.id = id};
    email.thread = read32(in);
    email.blob = read_blob(in);
    email.internal_date = read_time(in);
    email.zone = read_zone(in);
    if (!in.complete()) return std::nullopt;
    return email;
}

std::string encode_hashes(const Hashes& hashes) {
    std::string out = begin_value();
    for (const std::uint64_t hash : hashes)
        append_big_endian(out, hash);
    return out;
}

std::optional<Hashes> decode_hashes(std::string_view value) {
    Reader in = open_value(value);
    Hashes hashes;
    while (!in.rest().empty())
        hashes.push_back(in.big_endian<std::uint64_t>());
    if (!in.complete()) return std::nullopt;
    return hashes;
}

std::string encode(const DeliveryRow& row) {
    std::string out = begin_value();
    append_time(out, row.time);
    append_varint(out, row.placed.size());
    for (const Placed& placed : row.placed) {
        append_varint(out, placed.mailbox.value);
        append_varint(out, placed.uid_validity.value);
        append_varint(out, placed.uid.value);
        append_varint(out, placed.email.value);
    }
    return out;
}

std::optional<DeliveryRow> decode_delivery(std::string_view value) {
    Reader in = open_value(value);
    DeliveryRow row;
    row.time = read_time(in);
    for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left) {
        Placed& placed = row.placed.emplace_back();
        placed.mailbox = MailboxId(read32(in));
        placed.uid_validity = UidValidity(read32(in));
        placed.uid = Uid(read32(in));
        placed.email = EmailId(in.varint());
    }
    if (!in.complete()) return std::nullopt;
    return row;
}

std::string encode_number(std::uint64_t number) {
    std::string out = begin_value();
    append_varint(out, number);
    return out;
}

std::optional<std::uint64_t> decode_number(std::string_view value) {
    Reader in = open_value(value);
    const std::uint64_t number = in.varint();
    if (!in.complete()) return std::nullopt;
    return number;
}

std::string encode_text(std::string_view text) {
    return begin_value() + std::string(text);
}

std::optional<std::string> decode_text(std::string_view value) {
    Reader in = open_value(value);
    if (in.failed()) return std::nullopt;
    return std::string(in.rest());
}

std::string account_key() {
    return key('A');
}

std::string mailbox_key(MailboxId mailbox) {
    return key('B', mailbox.value);
}

std::string name_key(MailboxId parent, std::string_view level) {
    return key('N', parent.value).append(level);
}

std::string subscription_key(std::string_view name) {
    return key('R').append(name);
}

std::string keyword_key(std::uint16_t keyword) {
    return key('K', keyword);
}

std::string page_key(MailboxId mailbox, std::uint32_t page) {
    return key('P', mailbox.value, page);
}

std::string delta_key(MailboxId mailbox, Uid uid) {
    return key('D', mailbox.value, uid.value);
}

std::string vanished_key(MailboxId mailbox, Modseq modseq, std::uint32_t page) {
    return key('X', mailbox.value, modseq.value, page);
}

std::string removed_mailbox_key(MailboxId mailbox) {
    return key('Y', mailbox.value);
}

std::string log_key(Version version) {
    return key('L', version.value);
}

std::string email_page_key(std::uint32_t page) {
    return key('E', page);
}

std::string card_page_key(std::uint32_t group) {
    return key('C', group);
}

std::string sort_page_key(std::uint32_t group) {
    return key('S', group);
}

std::string email_key(std::uint32_t email) {
    return key('e', email);
}

std::string count_page_key(std::uint32_t page) {
    return key('M', page);
}

std::string count_key(std::uint32_t email) {
    return key('m', email);
}

std::string thread_key(ThreadId thread, std::uint32_t email) {
    return key('T', static_cast<std::uint32_t>(thread.value), email);
}

std::string hash_key(std::uint64_t hash, std::uint32_t email) {
    return key('H', hash, email);
}

std::string hash_prefix(std::uint64_t hash) {
    return key('H', hash);
}

std::string delivery_key(std::string_view tag) {
    return key('G').append(tag);
}

std::string reference_tag(AccountId account, std::uint32_t email) {
    return key('a', account.value, email);
}

} // namespace tegami::store::record
