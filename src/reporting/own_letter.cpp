#include "reporting/own_letter.h"

#include "reception/trace_header.h"

#include <utility>

namespace tegami::reporting {

async::Awaitable<store::StoreResult<OwnLetter>> store_own_letter(store::Engine* engine, signing::Signatures* signatures,
                                                                 std::string octets, std::string journey) {
    OwnLetter own{.arrival = {}, .front = reception::return_path_field(std::nullopt), .signature = {}};
    ingest::Intake intake(*engine);
    dkim::Signer signer;
    intake.add_tap([&signer](std::string_view passing) {
        signer.feed(passing);
        return true;
    });
    CO_TRY_VOID(co_await intake.append(std::move(octets)));
    CO_TRY(const ingest::Letter* const letter, co_await intake.complete());
    if (auto domain = signatures->domain_of(letter->header())) {
        signer.finish();
        signing::Draft draft{
            .domain = *std::move(domain), .front = {}, .header = letter->header_bytes, .signer = std::move(signer)};
        own.signature = co_await signatures->sign(std::move(draft));
    }
    CO_TRY(own.arrival, co_await intake.store(own.front, std::move(journey)));
    co_return own;
}

} // namespace tegami::reporting
