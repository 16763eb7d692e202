// Any octets as what a page sends of a passkey, whole and part by part.
#include "base/assert.h"
#include "webauthn/credential_json.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami;
    using namespace tegami::webauthn;
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const RelyingParty party = RelyingParty::of("https://mail.b.test");

    CborReader reader(octets);
    ASSERT(!reader.skip() || (reader.position() > 0 && reader.position() <= octets.size()));
    const auto key = parse_public_key(octets);
    if (key && is_sound(*key)) ASSERT(!is_signed(*key, octets, octets));

    const auto plain = parse_authenticator_data(octets);
    const auto attested = parse_attestation(octets);
    ASSERT(!plain || plain->relying_party_hash.size() == 32);
    ASSERT(!attested || (attested->attested && attested->attested->id.size() <= kCredentialIdBytesMax &&
                         parse_public_key(attested->attested->key) == attested->attested->parsed_key));
    const auto client = parse_client_data(octets);
    ASSERT(!client || !client->challenge.empty());

    const std::string said = R"({"type":"webauthn.get","challenge":"Y2g","origin":"https://mail.b.test"})";
    ASSERT(!check_registration({.client_data = std::string(octets), .attestation = std::string(octets)}, party));
    ASSERT(!check_assertion({.id = "i",
                             .client_data = said,
                             .authenticator_data = std::string(octets),
                             .signature = std::string(octets),
                             .user_handle = {}},
                            {.id = "i", .key = std::string(octets)}, party, Verification::needed));

    const auto value = read_json(octets, 4);
    if (!value || !value->is_object()) return 0;
    read_registration(value->get_object());
    read_assertion(value->get_object());
    return 0;
}
