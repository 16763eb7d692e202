// Octets by their blob id: messages, parts with their transfer encoding undone, uploads.
#pragma once

#include "async/awaitable.h"
#include "service/jmapd/call.h"
#include "store/account.h"
#include "store/part_reader.h"

#include <string>

namespace tegami::jmapd {

/// What `reader` may read in the account under this id. Errors: not_found (also: of somebody else), damaged, unavailable.
async::Awaitable<store::StoreResult<store::PartPlace>> find_blob(Service* service, store::AccountPtr account,
                                                                 store::AccountId reader, std::string id);
/// The same for the user of a call, in the account that it is about.
async::Awaitable<store::StoreResult<store::PartPlace>> find_blob(const Call* call, std::string id);

/// Makes a blob that no message refers to durable: it can be read for an hour or more.
async::Awaitable<store::StoreResult<>> keep_for_an_hour(store::Store* store, store::AccountId account,
                                                        store::BlobId blob);

} // namespace tegami::jmapd
