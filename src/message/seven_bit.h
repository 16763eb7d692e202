// A message of eight bits for a server that takes seven (RFC 6152 §3): bodies become quoted-printable or base64, and
// nothing else changes. In two readings of the octets, so that no message is ever in memory: the first looks where high
// octets are, the second writes.
//
// 1. What the parts decode to stays the same octets; header fields stay but Content-Transfer-Encoding.
// 2. A message whose signature would break (DKIM, multipart/signed), or that has high octets where no encoding may
//    stand (header fields, text between parts, message/* parts), is left alone: SevenBitObstacle.
#pragma once

#include "base/result.h"
#include "message/structure.h"
#include "message/transfer_encoding.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::message {

/// Limit: octets of the headers of all parts together.
inline constexpr std::size_t kSevenBitHeaderBytesMax = 1024 * 1024;

enum class SevenBitObstacle : std::uint8_t {
    is_signed,  ///< what was signed would no longer be what arrives
    raw_header, ///< high octets in a header field
    odd_part,   ///< high octets where RFC 2046 allows no encoding, or under a wrong one
    too_large,  ///< a limit above
};

/// Why it cannot be, as the end of a sentence about the message: "it is signed".
std::string_view describe(SevenBitObstacle obstacle);

/// Octets of a message and what becomes of them; what lies between ranges passes.
struct SevenBitRange {
    enum class Kind : std::uint8_t { header, body };

    Kind kind = Kind::header;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::size_t header = 0; ///< of a body: the index of its header's range
    TransferEncoding declared = TransferEncoding::seven_bit;
    TransferEncoding encode = TransferEncoding::seven_bit; ///< of a body: how it is written
    bool high = false;                                     ///< has octets above 0x7f
    std::string text;                                      ///< of a header: what is written instead
};

struct SevenBitPlan {
    std::uint64_t from = 0;
    std::vector<SevenBitRange> ranges; ///< in order, without overlap
};

/// A place in a message that streams by, and in its ranges.
class SevenBitPlace {
public:
    struct Piece {
        SevenBitRange* range; ///< null between ranges
        std::string_view octets;
    };

    explicit SevenBitPlace(std::uint64_t from) : offset_(from) {}

    /// Moves on over the next octets, as far as they are in one range or between two.
    Piece take(std::vector<SevenBitRange>& ranges, std::string_view& octets);

    /// Of the next octet.
    std::uint64_t offset() const { return offset_; }

private:
    std::uint64_t offset_;
    std::size_t next_ = 0; ///< the first range that has not ended
};

/// The first reading.
class SevenBitPlanner {
public:
    /// `root` is the structure of the message (Card::root); its octets before `from` are not given to look().
    SevenBitPlanner(const Part& root, std::uint64_t from);

    /// The next octets.
    void look(std::string_view octets);
    Result<SevenBitPlan, SevenBitObstacle> finish();

private:
    void add(const Part& part);
    void look_at(SevenBitRange& range, std::string_view octets);
    Result<void, SevenBitObstacle> decide(SevenBitRange& body);
    void rewrite_headers();

    SevenBitPlan plan_;
    SevenBitPlace place_;
    std::size_t header_bytes_ = 0;
    bool high_between_ = false;
    bool signed_ = false;
};

/// The second reading.
class SevenBitWriter {
public:
    explicit SevenBitWriter(SevenBitPlan plan);

    /// The same octets again; what goes out for them.
    std::string write(std::string_view octets);

private:
    SevenBitPlan plan_;
    SevenBitPlace place_;
    std::optional<TransferEncoder> encoder_;
};

} // namespace tegami::message
