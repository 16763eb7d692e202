// Names of octets (RFC 8620 §6): of a message ("B3"), of a part of one, decoded ("B3-1-2"), of an upload ("U…"), and of a
// part of one that was read as a message ("U…-1-2").
//
// An upload has no record: its id names the octets, and is signed for the account that brought them, so that nobody else
// can read them and no id can be made up.
#pragma once

#include "store/ids.h"
#include "store/types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace tegami::jmapd {

struct EmailBlob {
    store::EmailId email;
    std::string part; ///< "1.2", as protocol/jmap/mail names it; empty: the message as it is stored

    bool operator==(const EmailBlob&) const = default;
};

struct UploadedBlob {
    store::BlobId blob;
    std::uint64_t size = 0;
    std::string part{}; ///< as in EmailBlob; only what Email/parse has stored has parts

    bool operator==(const UploadedBlob&) const = default;
};

using BlobName = std::variant<EmailBlob, UploadedBlob>;

/// `secret` is the server's (Dependencies::secret).
std::string blob_id_of(const BlobName& blob, store::AccountId account, std::string_view secret);

/// Nothing for what is no id that blob_id_of() makes for this account.
std::optional<BlobName> parse_blob_id(std::string_view id, store::AccountId account, std::string_view secret);

} // namespace tegami::jmapd
