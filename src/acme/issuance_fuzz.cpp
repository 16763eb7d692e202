// Any answers of an authority: the conversation ends, and asks only HTTPS addresses.
#include "acme/certificate.h"
#include "acme/issuance.h"
#include "acme/renewal.h"
#include "acme/url.h"
#include "base/ascii.h"
#include "base/assert.h"
#include "base/base64.h"

#include <cstddef>
#include <cstdint>

using namespace tegami;

namespace {

/// What is found in an answer goes around: `status nonce location`, a line, and the body; several of them with an empty
/// octet between.
acme::Answer answer_in(std::string_view text) {
    const auto line = text.substr(0, text.find('\n'));
    const auto words = ascii::split(line, ' ');
    acme::Answer answer{.status = ascii::parse_number<unsigned>(words.front()).value_or(200)};
    if (words.size() > 1) answer.nonce = words[1];
    if (words.size() > 2) answer.location = words[2];
    if (words.size() > 3) answer.retry_after = words[3];
    answer.body = text.substr(std::min(text.size(), line.size() + 1));
    return answer;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    static const std::string kKey = acme::AccountKey::create();
    static const acme::AccountKey kAccount = *acme::AccountKey::parse(kKey);
    const Timestamp now{std::chrono::days(20'000)};
    acme::parse_renewal_info(octets);
    acme::parse_retry_after(octets, now);
    acme::certificate_id(std::string(octets));
    ASSERT(!acme::check_chain(std::string(octets), kKey, {"mail.b.test"}, now));
    if (const auto decoded = base64::decode_url(octets)) ASSERT(base64::encode_url(*decoded) == octets);
    if (const auto problem = acme::parse_problem(octets)) ASSERT(!acme::sentence_for(*problem).empty());

    acme::Issuance issuance(
        {.directory_url = "https://ca.test/dir", .contact = {}, .names = {"mail.b.test"}, .key = kKey}, kAccount);
    acme::Step step = issuance.begin();
    const auto pieces = ascii::split(octets, '\0');
    // The answers come round again, so that one text is enough for a long conversation.
    std::size_t answers = 0;
    constexpr std::size_t kStepsMax = 5000;
    for (std::size_t steps = 0; steps < kStepsMax; ++steps) {
        if (const auto* ask = std::get_if<acme::Ask>(&step)) {
            ASSERT(acme::parse_url(ask->url));
            if (answers == 100) return 0;
            step = issuance.answered(answer_in(pieces[answers++ % pieces.size()]), now);
        } else if (const auto* pause = std::get_if<acme::Pause>(&step)) {
            ASSERT(pause->time > Duration(0) && pause->time <= acme::kPollPauseMax);
            step = issuance.ready();
        } else if (const auto* present = std::get_if<acme::Present>(&step)) {
            ASSERT(!present->proofs.empty() && present->proofs.size() <= acme::kNamesMax);
            step = issuance.ready();
        } else {
            ASSERT(std::holds_alternative<acme::Failed>(step));
            return 0;
        }
    }
    ASSERT(false);
    return 0;
}
