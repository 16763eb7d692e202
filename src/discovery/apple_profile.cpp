#include "discovery/apple_profile.h"

#include "base/assert.h"
#include "discovery/xml_text.h"

#include <openssl/evp.h>

#include <fmt/format.h>

#include <array>

namespace tegami::discovery {

namespace {

/// Always the same for a text, never the same for two: of its hash (RFC 9562 §5.8).
std::string uuid_of(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned size = 0;
    ASSERT(EVP_Digest(text.data(), text.size(), hash.data(), &size, EVP_sha256(), nullptr) == 1);
    hash[6] = static_cast<unsigned char>((hash[6] & 0x0FU) | 0x80U); // version 8
    hash[8] = static_cast<unsigned char>((hash[8] & 0x3FU) | 0x80U); // variant
    std::string digits;
    for (std::size_t at = 0; at < 16; ++at)
        digits += fmt::format("{}{:02X}", at == 4 || at == 6 || at == 8 || at == 10 ? "-" : "", hash.at(at));
    return digits;
}

std::string text_entry(std::string_view key, std::string_view value) {
    return fmt::format("<key>{}</key><string>{}</string>\n", key, xml_text(value));
}

std::string number_entry(std::string_view key, unsigned value) {
    return fmt::format("<key>{}</key><integer>{}</integer>\n", key, value);
}

std::string flag_entry(std::string_view key, bool value) {
    return fmt::format("<key>{}</key><{}/>\n", key, value ? "true" : "false");
}

/// `side`: "Incoming" or "Outgoing".
std::string server_entries(std::string_view side, const std::string& host, const Service& service,
                           const std::string& login) {
    const std::string prefix = fmt::format("{}MailServer", side);
    return text_entry(prefix + "HostName", host) + number_entry(prefix + "PortNumber", service.port) +
           flag_entry(prefix + "UseSSL", true) + text_entry(prefix + "Username", login) +
           text_entry(prefix + "Authentication", "EmailAuthPassword");
}

std::string payload_entries(std::string_view type, std::string_view name, const std::string& identifier) {
    return text_entry("PayloadType", type) + number_entry("PayloadVersion", 1) +
           text_entry("PayloadIdentifier", identifier) + text_entry("PayloadUUID", uuid_of(identifier)) +
           text_entry("PayloadDisplayName", name);
}

} // namespace

std::string apple_profile(const Offer& offer, const message::EmailAddress& address) {
    const std::string login = address.to_string();
    const Service* incoming = best_service(offer, Protocol::imap);
    const bool is_imap = incoming != nullptr;
    if (!is_imap) incoming = best_service(offer, Protocol::pop3);
    const Service* const outgoing = best_service(offer, Protocol::submission);
    const std::string identifier = fmt::format("{}.{}", offer.host, uuid_of(login));
    std::string account = payload_entries("com.apple.mail.managed", login, identifier + ".mail") +
                          text_entry("EmailAccountType", is_imap ? "EmailTypeIMAP" : "EmailTypePOP") +
                          text_entry("EmailAccountDescription", login) + text_entry("EmailAddress", login);
    if (incoming != nullptr) account += server_entries("Incoming", offer.host, *incoming, login);
    if (outgoing != nullptr)
        account += server_entries("Outgoing", offer.host, *outgoing, login) +
                   flag_entry("OutgoingPasswordSameAsIncomingPassword", true);
    return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
                       "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
                       "<plist version=\"1.0\">\n<dict>\n"
                       "{}<key>PayloadContent</key>\n<array>\n<dict>\n{}</dict>\n</array>\n</dict>\n</plist>\n",
                       payload_entries("Configuration", login, identifier) +
                           text_entry("PayloadDescription", "Mail of " + login),
                       account);
}

} // namespace tegami::discovery
