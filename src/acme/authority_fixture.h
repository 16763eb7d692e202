// For tests: an authority that plays its part of the conversation by the book, unless it is told otherwise.
#pragma once

#include "acme/issuance.h"
#include "acme/openssl_types.h"
#include "acme/renewal.h"
#include "base/ascii.h"
#include "base/base64.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <functional>
#include <map>

namespace tegami::acme::testing {

/// A certificate as the request wants it, and the authority's own one behind it.
inline std::string sign(const std::string& request_der, Timestamp now, long serial = 0x87654321) {
    const auto* at = reinterpret_cast<const unsigned char*>(request_der.data());
    const std::unique_ptr<X509_REQ, Freer<X509_REQ_free>> request(
        d2i_X509_REQ(nullptr, &at, static_cast<long>(request_der.size())));
    const Key key = read_key(new_key_pem());
    const Memory text(BIO_new(BIO_s_mem()));
    const std::time_t begin = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    const Certificate made(X509_new());
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
    ASN1_TIME_adj(X509_getm_notBefore(made.get()), begin, 0, -3600);
    ASN1_TIME_adj(X509_getm_notAfter(made.get()), begin, 90, 0);
    X509_set_pubkey(made.get(), X509_REQ_get0_pubkey(request.get()));
    STACK_OF(X509_EXTENSION)* const extensions = X509_REQ_get_extensions(request.get());
    for (int i = 0; i < sk_X509_EXTENSION_num(extensions); ++i)
        X509_add_ext(made.get(), sk_X509_EXTENSION_value(extensions, i), -1);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    const std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>> authority(X509V3_EXT_conf_nid(
        nullptr, nullptr, NID_subject_key_identifier, "69:88:5B:6B:87:46:40:41:E1:B3:7B:84:7B:A0:AE:2C:DE:01:C8:D4"));
    const ASN1_OCTET_STRING* const id = X509_EXTENSION_get_data(authority.get());
    const std::unique_ptr<AUTHORITY_KEYID, Freer<AUTHORITY_KEYID_free>> named(AUTHORITY_KEYID_new());
    named->keyid = ASN1_OCTET_STRING_new();
    // Behind tag and length.
    ASN1_OCTET_STRING_set(named->keyid, ASN1_STRING_get0_data(id) + 2, ASN1_STRING_length(id) - 2);
    X509_add1_ext_i2d(made.get(), NID_authority_key_identifier, named.get(), 0, X509V3_ADD_DEFAULT);
    X509_sign(made.get(), key.get(), EVP_sha256());
    PEM_write_bio_X509(text.get(), made.get());
    return text_in(text.get());
}

class Authority {
public:
    /// The names have been proven before.
    bool knows_names = false;
    /// How often it says that it is not done yet, for each thing.
    unsigned slowness = 1;
    /// Changes an answer before it goes.
    std::function<void(const std::string& path, Answer&)> tamper = [](const auto&, Answer&) {};
    Timestamp now{std::chrono::days(20'000)};
    /// What was asked: path and payload.
    std::vector<std::pair<std::string, std::string>> asked;

    Answer answer(const Ask& ask) {
        const std::string path = ask.url.substr(std::string_view("https://ca.test/").size());
        Answer answer{.status = 200, .nonce = fmt::format("n{}", ++nonces_)};
        if (!ask.body.empty()) {
            const json::object body = read_json(ask.body, 4)->as_object();
            const json::object header = read_json(decoded(body, "protected"), 4)->as_object();
            EXPECT_EQ(header.at("url").as_string(), ask.url);
            EXPECT_EQ(header.contains("jwk"), path == "account") << "the key, or the account";
            const std::string nonce(header.at("nonce").as_string());
            EXPECT_TRUE(nonces_used_.emplace(nonce, path).second) << nonce;
            asked.emplace_back(path, decoded(body, "payload"));
        } else {
            asked.emplace_back(path, "");
        }
        fill(path, asked.back().second, answer);
        tamper(path, answer);
        return answer;
    }

private:
    static std::string decoded(const json::object& object, std::string_view member) {
        return base64::decode_url(std::string_view(object.at(member).as_string())).value_or("");
    }

    /// Pending at first.
    const char* state(const std::string& path) { return seen_[path]++ < slowness ? "pending" : "valid"; }

    std::string order(const char* status) const {
        json::array authorizations;
        for (const std::string& name : names_)
            authorizations.push_back(json::value("https://ca.test/authorization/" + name));
        return write_json(json::object{{"status", status},
                                       {"authorizations", authorizations},
                                       {"finalize", "https://ca.test/finalize"},
                                       {"certificate", "https://ca.test/certificate"}});
    }

    void fill(const std::string& path, const std::string& payload, Answer& answer) {
        if (path == "dir") {
            answer.nonce.clear();
            answer.body = R"({"newNonce":"https://ca.test/nonce","newAccount":"https://ca.test/account",)"
                          R"("newOrder":"https://ca.test/order","meta":{"termsOfService":"https://ca.test/terms"}})";
        } else if (path == "nonce") {
            answer.status = 204;
        } else if (path == "account") {
            answer.status = 201;
            answer.location = "https://ca.test/account/1";
        } else if (path == "order") {
            answer.status = 201;
            answer.location = "https://ca.test/order/1";
            names_.clear();
            for (const json::value& each : read_json(payload, 4)->at("identifiers").as_array())
                names_.emplace_back(each.at("value").as_string());
            answer.body = order("pending");
        } else if (path.starts_with("authorization/")) {
            const std::string name = path.substr(path.find('/') + 1);
            answer.body = fmt::format(
                R"({{"status":"{}","identifier":{{"type":"dns","value":"{}"}},"challenges":[{{"type":"new-99"}},)"
                R"({{"type":"http-01","url":"https://ca.test/challenge/{}","token":"token-{}","status":"pending"}}]}})",
                knows_names ? "valid" : state(path), name, name, name.substr(0, name.find('.')));
        } else if (path == "finalize") {
            certificate_ =
                sign(*base64::decode_url(std::string_view(read_json(payload, 4)->at("csr").as_string())), now);
            answer.body = order("processing");
        } else if (path == "order/1") {
            answer.body = order(seen_[path]++ < slowness ? "processing" : "valid");
        } else if (path == "certificate") {
            answer.body = certificate_;
        }
    }

    std::vector<std::string> names_;
    std::string certificate_;
    std::map<std::string, std::string> nonces_used_;
    std::map<std::string, unsigned> seen_;
    unsigned nonces_ = 0;
};

} // namespace tegami::acme::testing
