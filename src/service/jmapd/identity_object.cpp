#include "service/jmapd/identity_object.h"

#include "base/ascii.h"
#include "service/jmapd/mailbox_object.h"
#include "store/account_objects.h"

#include <algorithm>
#include <array>
#include <set>

namespace tegami::jmapd {

namespace {

/// Limit: octets of a name, of each signature; addresses of replyTo and of bcc.
constexpr std::size_t kIdentityNameBytesMax = 1000;
constexpr std::size_t kSignatureBytesMax = 64 * 1024;
constexpr std::size_t kIdentityAddressesMax = 100;

constexpr std::array<std::string_view, 5> kSettings{"name", "replyTo", "bcc", "textSignature", "htmlSignature"};

/// Whether a header field may hold the text: line ends in it would be another field.
bool is_one_line(std::string_view text) {
    return std::ranges::none_of(text, [](char octet) { return ascii::is_control(octet); });
}

class IdentityReader {
public:
    explicit IdentityReader(const json::object& object) : object_(object) {}

    Result<Identity, jmap::Fault> read() {
        for (const auto& [name, value] : object_)
            if (std::ranges::find(identity_properties(), std::string_view(name)) == identity_properties().end())
                wrong_.emplace(name);
        const json::value* const email = value_of("email");
        const bool named = email != nullptr && email->is_string();
        const auto address = message::parse_email_address(named ? std::string_view(email->get_string()) : "");
        if (!address) wrong_.emplace("email");
        json::object settings{{"name", text_of("name", kIdentityNameBytesMax)},
                              {"replyTo", addresses_of("replyTo")},
                              {"bcc", addresses_of("bcc")},
                              {"textSignature", text_of("textSignature", kSignatureBytesMax)},
                              {"htmlSignature", text_of("htmlSignature", kSignatureBytesMax)}};
        if (!is_one_line(settings.at("name").as_string())) wrong_.emplace("name");
        if (!wrong_.empty()) return failure(jmap::invalid_properties({wrong_.begin(), wrong_.end()}, {}));
        Identity identity{.email = *address, .settings = std::move(settings)};
        if (too_large_ || encode_identity(identity).size() > store::kObjectBytesMax)
            return failure(jmap::Fault{.type = "tooLarge", .description = "a name or a signature is too long"});
        return identity;
    }

private:
    /// Null if it is missing or null.
    const json::value* value_of(std::string_view name) const {
        const json::value* const value = object_.if_contains(name);
        return value == nullptr || value->is_null() ? nullptr : value;
    }

    std::string text_of(std::string_view name, std::size_t bytes_max) {
        const json::value* const value = value_of(name);
        if (value == nullptr) return {};
        if (!value->is_string()) {
            wrong_.emplace(name);
            return {};
        }
        too_large_ = too_large_ || value->get_string().size() > bytes_max;
        return std::string(value->get_string());
    }

    /// EmailAddress[] or null (RFC 8621 §4.1.2.3).
    json::value addresses_of(std::string_view name) {
        const json::value* const value = value_of(name);
        if (value == nullptr) return nullptr;
        json::array addresses;
        if (!value->is_array() || value->get_array().size() > kIdentityAddressesMax) {
            wrong_.emplace(name);
            return nullptr;
        }
        for (const json::value& one : value->get_array()) {
            auto address = address_of(one);
            if (!address) wrong_.emplace(name);
            if (address) addresses.emplace_back(*std::move(address));
        }
        return addresses;
    }

    static std::optional<json::object> address_of(const json::value& value) {
        if (!value.is_object()) return std::nullopt;
        json::object address{{"name", nullptr}, {"email", nullptr}};
        for (const auto& [name, text] : value.get_object()) {
            if (!address.contains(name) || (text.is_null() && name == "email")) return std::nullopt;
            if (text.is_null()) continue;
            if (!text.is_string() || text.get_string().size() > kIdentityNameBytesMax ||
                !is_one_line(text.get_string()))
                return std::nullopt;
            address[name] = text;
        }
        const json::value& email = address.at("email");
        if (!email.is_string() || !message::parse_email_address(email.get_string())) return std::nullopt;
        return address;
    }

    const json::object& object_;
    std::set<std::string> wrong_;
    bool too_large_ = false;
};

} // namespace

json::object usual_identity_settings() {
    return {{"name", ""}, {"replyTo", nullptr}, {"bcc", nullptr}, {"textSignature", ""}, {"htmlSignature", ""}};
}

std::string encode_identity(const Identity& identity) {
    json::object whole = identity.settings;
    whole["email"] = identity.email.to_string();
    whole["madeByUser"] = identity.made_by_user;
    return write_json(whole);
}

std::optional<Identity> decode_identity(std::string_view octets) {
    constexpr std::size_t kDepth = 4;
    const auto whole = read_json(octets, kDepth);
    if (!whole || !whole->is_object()) return std::nullopt;
    const json::object& object = whole->get_object();
    const json::value* const email = object.if_contains("email");
    const json::value* const made = object.if_contains("madeByUser");
    if (email == nullptr || !email->is_string() || made == nullptr || !made->is_bool()) return std::nullopt;
    auto address = message::parse_email_address(email->get_string());
    if (!address) return std::nullopt;
    Identity identity{
        .email = *std::move(address), .made_by_user = made->get_bool(), .settings = usual_identity_settings()};
    for (const std::string_view name : kSettings)
        if (const json::value* const value = object.if_contains(name)) identity.settings[name] = *value;
    return identity;
}

const std::vector<std::string>& identity_properties() {
    static const std::vector<std::string> kProperties{"id",  "name",          "email",         "replyTo",
                                                      "bcc", "textSignature", "htmlSignature", "mayDelete"};
    return kProperties;
}

json::object identity_object(std::string_view id, const Identity& identity) {
    json::object whole = identity.settings;
    whole["id"] = id;
    whole["email"] = identity.email.to_string();
    whole["mayDelete"] = identity.made_by_user;
    return whole;
}

Result<Identity, jmap::Fault> read_identity(const json::object& object) {
    return IdentityReader(object).read();
}

} // namespace tegami::jmapd
