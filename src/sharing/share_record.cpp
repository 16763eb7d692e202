#include "sharing/share_record.h"

#include "json/json.h"

namespace tegami::sharing {

namespace {

constexpr std::size_t kDepth = 2;

std::optional<std::uint64_t> number(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    if (value == nullptr) return std::nullopt;
    boost::system::error_code failed;
    const auto read = value->to_number<std::uint64_t>(failed);
    return failed ? std::nullopt : std::optional(read);
}

std::optional<std::string> text(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}

std::optional<store::Rights> rights(const json::object& object, std::string_view name) {
    const auto letters = text(object, name);
    return letters ? store::parse_rights(*letters) : std::nullopt;
}

} // namespace

std::string encode(const ShareRecord& share) {
    return write_json(json::object{{"owner", share.owner.value}});
}

std::string encode(const ShareNews& news) {
    return write_json(json::object{{"owner", news.owner.value},
                                   {"mailbox", news.mailbox.value},
                                   {"name", news.name},
                                   {"changedBy", news.changed_by.value},
                                   {"before", store::letters_of(news.before)},
                                   {"after", store::letters_of(news.after)},
                                   {"time", news.time.time_since_epoch().count()}});
}

std::optional<ShareRecord> decode_share(std::string_view octets) {
    const auto value = read_json(octets, kDepth);
    if (!value || !value->is_object()) return std::nullopt;
    const auto owner = number(value->get_object(), "owner");
    return owner ? std::optional(ShareRecord{store::AccountId(*owner)}) : std::nullopt;
}

std::optional<ShareNews> decode_share_news(std::string_view octets) {
    const auto value = read_json(octets, kDepth);
    if (!value || !value->is_object()) return std::nullopt;
    const json::object& object = value->get_object();
    const auto owner = number(object, "owner");
    const auto mailbox = number(object, "mailbox");
    auto name = text(object, "name");
    const auto changed_by = number(object, "changedBy");
    const auto before = rights(object, "before");
    const auto after = rights(object, "after");
    const auto time = number(object, "time");
    if (!owner || !mailbox || *mailbox > 0xffff'ffff || !name || !changed_by || !before || !after || !time)
        return std::nullopt;
    return ShareNews{.owner = store::AccountId(*owner),
                     .mailbox = store::MailboxId(static_cast<std::uint32_t>(*mailbox)),
                     .name = *std::move(name),
                     .changed_by = store::AccountId(*changed_by),
                     .before = *before,
                     .after = *after,
                     .time = Timestamp(Duration(static_cast<Duration::rep>(*time)))};
}

} // namespace tegami::sharing
