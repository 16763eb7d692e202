#include "trust/dkim/signer.h"

#include "base/ascii.h"
#include "base/base64.h"

#include <fmt/format.h>

#include <chrono>

namespace tegami::dkim {
namespace {

constexpr BodyScope kWholeBody{.form = Canonicalization::relaxed, .length = std::nullopt};

constexpr std::string_view kSealed[] = {
    "From",       "To",          "Cc",         "Subject",      "Date",         "Reply-To",
    "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
};
constexpr std::string_view kSignedIfThere[] = {
    "Sender",           "Resent-Date",           "Resent-From",    "Resent-To",
    "Resent-Cc",        "Resent-Message-ID",     "List-Id",        "List-Help",
    "List-Unsubscribe", "List-Subscribe",        "List-Post",      "List-Owner",
    "List-Archive",     "List-Unsubscribe-Post", "Auto-Submitted", "Autocrypt",
};

/// Limit: columns of a line (RFC 5322 §2.1.1); base64 is cut anywhere.
constexpr std::size_t kColumnsMax = 78;
constexpr std::size_t kBase64Columns = 72;

std::vector<std::string> names_to_sign(const FieldIndex& index) {
    std::vector<std::string> names;
    for (const std::string_view name : kSealed)
        names.insert(names.end(), index.find(name).size() + 1, std::string(name));
    for (const std::string_view name : kSignedIfThere)
        names.insert(names.end(), index.find(name).size(), std::string(name));
    return names;
}

/// Appends pieces that belong together, folded between them.
class FoldedText {
public:
    explicit FoldedText(std::string text) : text_(std::move(text)), column_(text_.size()) {}

    /// `joint`: between this piece and the one before on the same line; a space, or nothing.
    void add(std::string_view piece, std::string_view joint = {}) {
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

    const std::string& text() const { return text_; }

private:
    std::string text_;
    std::size_t column_;
};

/// The field up to "b=", where its signature goes.
std::string unsigned_field(const SigningKey& key, const std::vector<std::string>& names, std::string_view body_hash,
                           Timestamp now) {
    FoldedText field("DKIM-Signature:");
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    field.add("v=1;", " ");
    field.add(fmt::format("a={}-sha256;", to_string(key.key->type())), " ");
    field.add("c=relaxed/relaxed;", " ");
    field.add(fmt::format("d={};", key.domain.ascii()), " ");
    field.add(fmt::format("s={};", key.selector.ascii()), " ");
    field.add(fmt::format("t={};", seconds), " ");
    for (std::size_t at = 0; at < names.size(); ++at)
        field.add((at == 0 ? "h=" : "") + names[at] + (at + 1 < names.size() ? ":" : ";"), at == 0 ? " " : "");
    field.add(fmt::format("bh={};", base64::encode(body_hash)), " ");
    field.add("b=", " ");
    return field.text();
}

} // namespace

Signer::Signer() : body_({kWholeBody}) {}

void Signer::feed(std::string_view octets) {
    octets.remove_prefix(header_end_.feed(octets));
    body_.feed(octets);
}

void Signer::finish() {
    body_.finish();
}

std::optional<std::string> Signer::sign(std::string_view front, const message::Header& header,
                                        const std::vector<SigningKey>& keys, Timestamp now) const {
    const message::Header front_header(front);
    if (header.truncated() || front_header.truncated()) return std::nullopt;
    FieldIndex index;
    index.add(front_header);
    index.add(header);
    const std::vector<std::string> names = names_to_sign(index);
    const std::vector<std::string_view> fields = choose_fields(index, names);
    const std::string body_hash = body_.find(kWholeBody).digest;
    std::string signatures;
    for (const SigningKey& key : keys) {
        std::string field = unsigned_field(key, names, body_hash, now);
        const std::string digest = header_digest(Canonicalization::relaxed, fields, field, field.size(), field.size());
        const std::string octets = base64::encode(key.key->sign(digest));
        for (std::size_t at = 0; at < octets.size(); at += kBase64Columns)
            field.append("\r\n ").append(octets, at, kBase64Columns);
        signatures += field + "\r\n";
    }
    return signatures;
}

} // namespace tegami::dkim
