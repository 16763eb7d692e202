// Content-Transfer-Encoding (RFC 2045 §6), streaming both ways.
//
// 1. Decoding never fails: what is not part of the encoding is skipped (base64) or kept (quoted-printable).
// 2. A decoder keeps at most one line's worth of octets between calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::message {

enum class TransferEncoding : std::uint8_t {
    seven_bit,
    eight_bit,
    binary,
    base64,
    quoted_printable,
    unknown, ///< a name nobody defined: the octets are passed through, but text is not searched in
};

/// The encoding a header value names; absent or empty means 7bit (RFC 2045 §6.1).
TransferEncoding parse_transfer_encoding(std::string_view value);

/// The name as it is written in a header.
std::string_view name_of(TransferEncoding encoding);

class TransferDecoder {
public:
    explicit TransferDecoder(TransferEncoding encoding) : encoding_(encoding) {}

    /// Appends the octets that `encoded` stands for.
    void feed(std::string_view encoded, std::string& out);
    /// Appends what is left after the last call of feed.
    void finish(std::string& out);

private:
    void feed_base64(std::string_view encoded, std::string& out);
    void feed_quoted_printable(std::string_view encoded, std::string& out);
    bool step_quoted_printable(char c, std::string& out);

    TransferEncoding encoding_;
    std::uint32_t bits_ = 0;
    int bit_count_ = 0;
    std::string pending_; ///< an unfinished "=", or blanks that may be trailing
};

/// The whole body decoded.
std::string decode_transfer(std::string_view encoded, TransferEncoding encoding);

/// Encodes in lines of 76 characters with CRLF. Quoted-printable keeps the line ends of text.
class TransferEncoder {
public:
    explicit TransferEncoder(TransferEncoding encoding) : encoding_(encoding) {}

    void feed(std::string_view octets, std::string& out);
    void finish(std::string& out);

private:
    void feed_base64(std::string_view octets, std::string& out);
    void put_base64_group(std::string_view group, std::string& out);
    void feed_quoted_printable(std::string_view octets, std::string& out);
    void put_escaped(char c, std::string& out);
    void put_quoted(std::string_view piece, std::string& out);

    TransferEncoding encoding_;
    std::string pending_;
    std::size_t column_ = 0;
};

/// The whole body encoded.
std::string encode_transfer(std::string_view octets, TransferEncoding encoding);

/// Looks at octets as they stream by, to say how they are best encoded.
class EncodingChooser {
public:
    void feed(std::string_view octets);

    /// The weakest encoding that carries text through a 7-bit transport: 7bit, quoted-printable or base64.
    TransferEncoding for_text() const;
    /// For an enclosed message (RFC 2046 §5.2.1): 7bit or 8bit. Nothing if its lines are too long or it has NUL; line ends
    /// are for who writes it.
    std::optional<TransferEncoding> for_message() const;

    bool has_high() const { return high_ > 0; }

private:
    std::uint64_t size_ = 0;
    std::uint64_t high_ = 0;
    std::size_t column_ = 0;
    bool long_line_ = false;
    bool nul_ = false;
    bool bare_ = false; ///< a CR or LF that is no line end
    bool after_cr_ = false;
};

/// EncodingChooser::for_text() of the whole.
TransferEncoding choose_encoding(std::string_view octets);

} // namespace tegami::message
