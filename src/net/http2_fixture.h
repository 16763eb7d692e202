// For tests: the client's side of HTTP/2, frame by frame, so that it can say what no well-behaved client would.
#pragma once

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::net::testing::http2 {

/// RFC 9113 §6
enum Type : std::uint8_t {
    kData = 0,
    kHeaders = 1,
    kReset = 3,
    kSettings = 4,
    kPing = 6,
    kGoAway = 7,
    kWindowUpdate = 8,
    kContinuation = 9,
    kPriorityUpdate = 16, ///< RFC 9218 §7.1
};

inline constexpr std::uint8_t kEndStream = 1;
inline constexpr std::uint8_t kEndHeaders = 4;
inline constexpr std::uint8_t kAck = 1;

inline std::string number32(std::uint32_t number) {
    std::string octets;
    for (int shift = 24; shift >= 0; shift -= 8)
        octets += static_cast<char>(number >> static_cast<unsigned>(shift) & 0xffU);
    return octets;
}

inline std::uint32_t read_number(std::string_view octets) {
    std::uint32_t number = 0;
    for (const char octet : octets)
        number = number << 8U | static_cast<unsigned char>(octet);
    return number;
}

inline std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
    std::string octets = number32(static_cast<std::uint32_t>(payload.size())).substr(1);
    octets += static_cast<char>(type);
    octets += static_cast<char>(flags);
    return octets + number32(stream) + std::string(payload);
}

/// A length in seven bits (RFC 7541 §5.1).
inline std::string length7(std::size_t length) {
    if (length < 127) return std::string(1, static_cast<char>(length));
    std::string octets(1, '\x7f');
    for (length -= 127; length >= 128; length /= 128)
        octets += static_cast<char>(length % 128 + 128);
    return octets + static_cast<char>(length);
}

using Fields = std::vector<std::pair<std::string, std::string>>;

/// Literal fields that no table keeps (RFC 7541 §6.2.2).
inline std::string block(const Fields& fields) {
    std::string octets;
    for (const auto& [name, value] : fields)
        octets += std::string(1, '\0') + length7(name.size()) + name + length7(value.size()) + value;
    return octets;
}

inline Fields fields_of(std::string method, std::string path, const Fields& more = {}) {
    Fields fields{
        {":method", std::move(method)}, {":scheme", "https"}, {":path", std::move(path)}, {":authority", "h"}};
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
}

inline std::string ask(std::uint32_t stream, std::string method, std::string path, const Fields& more = {},
                       std::uint8_t flags = kEndStream) {
    return frame(kHeaders, flags | kEndHeaders, stream, block(fields_of(std::move(method), std::move(path), more)));
}

inline std::string data(std::uint32_t stream, std::string_view octets, std::uint8_t flags = 0) {
    return frame(kData, flags, stream, octets);
}

inline std::string setting(std::uint16_t id, std::uint32_t value) {
    return number32(id).substr(2) + number32(value);
}

/// What a client begins with (RFC 9113 §3.4).
inline std::string preface(std::string_view settings = "") {
    return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(kSettings, 0, 0, settings);
}

/// What a server has said.
class Answers {
public:
    struct Answer {
        std::string status;
        std::map<std::string, std::string> fields;
        std::string body;
        bool ended = false;
        std::optional<std::uint32_t> reset;
        std::uint32_t window_updates = 0; ///< octets
    };

    Answers() { nghttp2_hd_inflate_new(&inflater_); }

    ~Answers() { nghttp2_hd_inflate_del(inflater_); }

    Answers(const Answers&) = delete;
    Answers& operator=(const Answers&) = delete;

    /// Takes whole frames; what is behind the last one waits for more.
    void take(std::string_view octets) {
        octets_ += octets;
        constexpr std::size_t kHead = 9;
        std::string_view rest = octets_;
        while (rest.size() >= kHead && rest.size() >= kHead + read_number(rest.substr(0, 3))) {
            const std::size_t size = read_number(rest.substr(0, 3));
            take_frame(static_cast<std::uint8_t>(rest[3]), static_cast<std::uint8_t>(rest[4]),
                       read_number(rest.substr(5, 4)), std::string(rest.substr(kHead, size)));
            rest.remove_prefix(kHead + size);
        }
        octets_.erase(0, octets_.size() - rest.size());
    }

    Answer& of(std::uint32_t stream) { return answers_[stream]; }

    /// The error code of GOAWAY.
    std::optional<std::uint32_t> gone;
    std::uint32_t last_stream = 0; ///< of GOAWAY
    std::map<std::uint32_t, std::uint32_t> settings;
    std::size_t pongs = 0;

private:
    void take_frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, const std::string& payload) {
        if (type == kHeaders) take_header(answers_[stream], payload);
        if (type == kData) answers_[stream].body += payload;
        if ((type == kHeaders || type == kData) && (flags & kEndStream) != 0) answers_[stream].ended = true;
        if (type == kReset) answers_[stream].reset = read_number(payload);
        if (type == kWindowUpdate) answers_[stream].window_updates += read_number(payload);
        if (type == kPing) ++pongs;
        if (type == kGoAway) {
            last_stream = read_number(payload.substr(0, 4));
            gone = read_number(payload.substr(4, 4));
        }
        if (type == kSettings)
            for (std::size_t at = 0; at + 6 <= payload.size(); at += 6)
                settings[read_number(payload.substr(at, 2))] = read_number(payload.substr(at + 2, 4));
    }

    void take_header(Answer& answer, std::string payload) {
        auto* octets = reinterpret_cast<std::uint8_t*>(payload.data());
        std::size_t left = payload.size();
        for (;;) {
            nghttp2_nv field{};
            int flags = 0;
            const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, octets, left, 1);
            if (used < 0) return;
            octets += used;
            left -= static_cast<std::size_t>(used);
            if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
                const std::string name(reinterpret_cast<const char*>(field.name), field.namelen);
                const std::string value(reinterpret_cast<const char*>(field.value), field.valuelen);
                (name == ":status" ? answer.status : answer.fields[name]) = value;
            }
            if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
        }
        nghttp2_hd_inflate_end_headers(inflater_);
    }

    nghttp2_hd_inflater* inflater_ = nullptr;
    std::string octets_;
    std::map<std::uint32_t, Answer> answers_;
};

} // namespace tegami::net::testing::http2
