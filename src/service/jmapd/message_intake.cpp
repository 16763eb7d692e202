#include "service/jmapd/message_intake.h"

#include "async/turns.h"

namespace tegami::jmapd {

MessageIntake::MessageIntake(Call* call)
    : call_(call),
      intake_(std::make_unique<ingest::Intake>(
          call->service->with.store.engine(),
          ingest::Intake::Guards{.memory = call->service->with.memory, .workers = call->service->with.workers})),
      pieces_(&call->service->with.memory) {}

async::Awaitable<store::StoreResult<>> MessageIntake::append(std::string octets) {
    for (std::size_t at = 0; at < octets.size(); at += store::kReadPieceBytes) {
        std::string piece = octets.substr(at, store::kReadPieceBytes);
        has_nul_ = has_nul_ || piece.contains('\0');
        CO_TRY_VOID(co_await intake_->append(std::move(piece)));
        if (at + store::kReadPieceBytes < octets.size()) {
            co_await async::give_way();
        }
    }
    co_return store::StoreResult<>{};
}

async::Awaitable<store::StoreResult<>> MessageIntake::append(store::PartPlace blob,
                                                             message::TransferEncoding encoding) {
    if (!pieces_.resize(2 * store::kPartReaderBytes))
        co_return failure(store::Error{store::ErrorCode::unavailable, "no memory to read a blob"});
    store::PartReader reader(&call_->service->with.store, blob);
    message::TransferEncoder encoder(encoding);
    for (;;) {
        CO_TRY(const std::string piece, co_await reader.next());
        std::string encoded;
        if (piece.empty())
            encoder.finish(encoded);
        else
            encoder.feed(piece, encoded);
        CO_TRY_VOID(co_await append(std::move(encoded)));
        if (piece.empty()) co_return store::StoreResult<>{};
        co_await async::give_way();
    }
}

} // namespace tegami::jmapd
