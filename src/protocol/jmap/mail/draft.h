// A new message out of what a client says of it (RFC 8621 §4.6): its header, and a tree of parts whose octets come from the
// request or from blobs.
//
// 1. What two properties say twice, or in two ways, is refused by name: nothing is guessed.
// 2. Lines have CR LF and at most 998 octets; text is encoded as weakly as 7 bits allow.
// 3. Messages may be drafts: recipients that nobody could reach are kept as they are.
#pragma once

#include "base/result.h"
#include "message/date.h"
#include "message/transfer_encoding.h"
#include "protocol/jmap/fault.h"
#include "protocol/jmap/mail/header_form.h"
#include "json/json.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tegami::jmap {

/// Limit: parts of a new message, and how deep they nest.
inline constexpr std::size_t kDraftPartsMax = 1000;
inline constexpr std::size_t kDraftDepthMax = 20;

struct DraftContext {
    message::DateTime now;
    std::string message_id; ///< without brackets; for a message that names none
    /// Part of every boundary; made of random octets, so that it is in no part.
    std::string boundary;
    /// What those of Draft::blobs() look like that have to be looked at.
    std::map<std::string, message::EncodingChooser> looks;
};

/// A blob that a message is made of.
struct DraftBlob {
    std::string id;
    /// Text and enclosed messages are encoded as their octets allow; all else is base64.
    bool look = false;
    std::size_t parts = 0; ///< that it is
};

/// The octets of a blob, encoded.
struct EncodedBlob {
    std::string id;
    message::TransferEncoding encoding = message::TransferEncoding::base64;
};

/// What a message is written of, one after the other.
using DraftPiece = std::variant<std::string, EncodedBlob>;

/// A part before it is written.
struct NewPart {
    std::string type = "text/plain";   ///< lower case
    std::string fields;                ///< of its header, but for Content-Type and Content-Transfer-Encoding
    std::vector<HeaderProperty> named; ///< which those are
    std::string charset;               ///< of a blob, as the client says; may be empty
    std::optional<std::string> text;   ///< of a part with octets from the request, CR LF
    std::string blob;                  ///< or the id of the blob that they are
    std::vector<NewPart> parts;

    bool multipart() const { return type.starts_with("multipart/"); }
};

class Draft {
public:
    /// `email`: what the client creates; properties that are not of the message itself ("mailboxIds", "keywords",
    /// "receivedAt") are passed over. Faults: invalidProperties.
    static Result<Draft, Fault> read(const json::object& email);

    /// Each once.
    std::vector<DraftBlob> blobs() const;
    std::vector<DraftPiece> write(const DraftContext& context) const;

private:
    std::string fields_; // of the message's own header
    bool has_date_ = false;
    bool has_message_id_ = false;
    bool has_mime_version_ = false;
    NewPart body_;
};

} // namespace tegami::jmap
