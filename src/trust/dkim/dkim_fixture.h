// The examples of the RFCs, and what tests of this room do with messages and keys again and again.
#pragma once

#include "base/base64.h"
#include "base/clock.h"
#include "trust/dkim/signer.h"
#include "trust/dkim/verifier.h"
#include "trust/zone_fixture.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::dkim {

// RFC 6376 §A.2; with the space that was signed: the RFC's text has one more in the body, and one less in each fold.
inline constexpr std::string_view kRfc6376Message = "DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\r\n"
                                                    "      c=simple/simple; q=dns/txt; i=joe@football.example.com;\r\n"
                                                    "      h=Received : From : To : Subject : Date : Message-ID;\r\n"
                                                    "      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                                                    "      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\r\n"
                                                    "      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\r\n"
                                                    "      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\r\n"
                                                    "      4bmp/YzhwvcubU4=;\r\n"
                                                    "Received: from client1.football.example.com  [192.0.2.1]\r\n"
                                                    "      by submitserver.example.com with SUBMISSION;\r\n"
                                                    "      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n"
                                                    "From: Joe SixPack <joe@football.example.com>\r\n"
                                                    "To: Suzie Q <suzie@shopping.example.net>\r\n"
                                                    "Subject: Is dinner ready?\r\n"
                                                    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
                                                    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
                                                    "\r\n"
                                                    "Hi.\r\n"
                                                    "\r\n"
                                                    "We lost the game. Are you hungry yet?\r\n"
                                                    "\r\n"
                                                    "Joe.\r\n";

inline constexpr std::string_view kRfc6376Record =
    "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfc"
    "TNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";

// RFC 8463 §A
inline constexpr std::string_view kRfc8463Message = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
                                                    " d=football.example.com; i=@football.example.com;\r\n"
                                                    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
                                                    " subject : date : message-id : from : subject : date;\r\n"
                                                    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                                                    " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
                                                    " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
                                                    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
                                                    " d=football.example.com; i=@football.example.com;\r\n"
                                                    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
                                                    " date : message-id : from : subject : date;\r\n"
                                                    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                                                    " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
                                                    " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
                                                    " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
                                                    "From: Joe SixPack <joe@football.example.com>\r\n"
                                                    "To: Suzie Q <suzie@shopping.example.net>\r\n"
                                                    "Subject: Is dinner ready?\r\n"
                                                    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
                                                    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
                                                    "\r\n"
                                                    "Hi.\r\n"
                                                    "\r\n"
                                                    "We lost the game.  Are you hungry yet?\r\n"
                                                    "\r\n"
                                                    "Joe.\r\n";

inline constexpr std::string_view kRfc8463Ed25519Record =
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
inline constexpr std::string_view kRfc8463RsaRecord =
    "v=DKIM1; k=rsa; "
    "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0"
    "Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/"
    "K4w3QID"
    "AQAB";

/// The seed, in base64 as the RFC has it.
inline constexpr std::string_view kRfc8463Ed25519Seed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
inline constexpr std::string_view kRfc8463RsaKey = "-----BEGIN RSA PRIVATE KEY-----\n"
                                                   "MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi\n"
                                                   "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM\n"
                                                   "KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\n"
                                                   "AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm\n"
                                                   "6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe\n"
                                                   "zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy\n"
                                                   "6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc\n"
                                                   "uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy\n"
                                                   "WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd\n"
                                                   "WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a\n"
                                                   "licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst\n"
                                                   "o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe\n"
                                                   "uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL\n"
                                                   "-----END RSA PRIVATE KEY-----\n";

inline constexpr Timestamp kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 26);

inline message::Domain domain(std::string_view text) {
    return *message::Domain::parse(text);
}

/// One pair of each type, made once.
inline const PrivateKey& key_pair(KeyType type) {
    static const PrivateKey rsa = PrivateKey::generate(KeyType::rsa);
    static const PrivateKey ed25519 = PrivateKey::generate(KeyType::ed25519);
    return type == KeyType::rsa ? rsa : ed25519;
}

inline std::string sign(std::string_view message, const std::vector<SigningKey>& keys, std::string_view front = {}) {
    Signer signer;
    signer.feed(message);
    signer.finish();
    return *signer.sign(front, message::Header(message), keys, kNow);
}

inline std::vector<SignatureResult> verify(trust::Zone& zone, const std::vector<std::string_view>& pieces,
                                           Timestamp now = kNow) {
    Verifier verifier;
    for (const std::string_view piece : pieces)
        verifier.feed(piece);
    verifier.finish();
    return zone.ask([&](const trust::DnsAnswers& answers) { return verifier.evaluate(answers, now); });
}

inline std::vector<Reason> reasons(const std::vector<SignatureResult>& results) {
    std::vector<Reason> out;
    for (const SignatureResult& result : results)
        out.push_back(result.fault.reason);
    return out;
}

/// The message under a signature with these tags (without bh and b, which are made; of other fields than `h=` says, or
/// none, if the tags are no signature).
inline std::string hand_signed(std::string_view message, std::string_view claims, const PrivateKey& key) {
    const std::string dummy = std::string(claims) + "; bh=" + base64::encode(std::string(kDigestBytes, 'x'));
    const std::string dummy_value = dummy + "; b=AAAA";
    const auto tags = TagList::parse(dummy_value);
    auto signature = tags ? parse_signature(*tags) : Result<Signature, Fault>(failure(Fault{}));
    if (!signature) return "DKIM-Signature: " + dummy_value + "\r\n" + std::string(message);
    BodyHasher body({signature->body});
    HeaderEnd end;
    body.feed(message.substr(end.feed(message)));
    body.finish();
    std::string digest = body.find(signature->body).digest;
    digest.resize(kDigestBytes);
    const message::Header header(message);
    FieldIndex index;
    index.add(header);
    const std::string field = "DKIM-Signature: " + std::string(claims) + "; bh=" + base64::encode(digest) + "; b=";
    const std::string of_header = header_digest(signature->header_form, choose_fields(index, signature->signed_names),
                                                field, field.size(), field.size());
    return field + base64::encode(key.sign(of_header)) + "\r\n" + std::string(message);
}

} // namespace tegami::dkim
