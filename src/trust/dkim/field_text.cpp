#include "trust/dkim/field_text.h"

#include "base/base64.h"

#include <fmt/format.h>

#include <chrono>

namespace tegami::dkim {
namespace {

constexpr std::string_view kSealed[] = {
    "From",       "To",          "Cc",         "Subject",      "Date",         "Reply-To",
    "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
};
constexpr std::string_view kSignedIfThere[] = {
    "Sender",           "Resent-Date",           "Resent-From",    "Resent-To",
    "Resent-Cc",        "Resent-Message-ID",     "List-Id",        "List-Help",
    "List-Unsubscribe", "List-Subscribe",        "List-Post",      "List-Owner",
    "List-Archive",     "List-Unsubscribe-Post", "Auto-Submitted", "Autocrypt",
    "BIMI-Selector",
};

/// Limit: columns of a line (RFC 5322 §2.1.1); base64 is cut anywhere.
constexpr std::size_t kColumnsMax = 78;
constexpr std::size_t kBase64Columns = 72;

} // namespace

std::vector<std::string> names_to_sign(const FieldIndex& index) {
    std::vector<std::string> names;
    for (const std::string_view name : kSealed)
        names.insert(names.end(), index.find(name).size() + 1, std::string(name));
    for (const std::string_view name : kSignedIfThere)
        names.insert(names.end(), index.find(name).size(), std::string(name));
    return names;
}

void FoldedText::add(std::string_view piece, std::string_view joint) {
    if (column_ + joint.size() + piece.size() > kColumnsMax) {
        text_ += "\r\n ";
        column_ = 1;
    } else {
        text_ += joint;
        column_ += joint.size();
    }
    text_ += piece;
    column_ += piece.size();
}

void add_key_tags(FoldedText& field, const SigningKey& key, std::string_view kind, Timestamp now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    field.add(fmt::format("a={}-sha256;", to_string(key.key->type())), " ");
    field.add(kind, " ");
    field.add(fmt::format("d={};", key.domain.ascii()), " ");
    field.add(fmt::format("s={};", key.selector.ascii()), " ");
    field.add(fmt::format("t={};", seconds), " ");
}

void add_message_tags(FoldedText& field, const SigningKey& key, const std::vector<std::string>& names,
                      std::string_view body_hash, Timestamp now) {
    add_key_tags(field, key, "c=relaxed/relaxed;", now);
    for (std::size_t at = 0; at < names.size(); ++at)
        field.add((at == 0 ? "h=" : "") + names[at] + (at + 1 < names.size() ? ":" : ";"), at == 0 ? " " : "");
    field.add(fmt::format("bh={};", base64::encode(body_hash)), " ");
}

std::string signed_field(FoldedText field, const std::vector<std::string_view>& fields, const SigningKey& key) {
    field.add("b=", " ");
    std::string text = std::move(field).take();
    const std::string digest = header_digest(Canonicalization::relaxed, fields, text, text.size(), text.size());
    const std::string octets = base64::encode(key.key->sign(digest));
    for (std::size_t at = 0; at < octets.size(); at += kBase64Columns)
        text.append("\r\n ").append(octets, at, kBase64Columns);
    return text.append("\r\n");
}

} // namespace tegami::dkim
