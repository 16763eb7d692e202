// What mail programs are told, and what their requests may look like.
#include "discovery/apple_profile.h"
#include "discovery/autoconfig.h"
#include "discovery/autodiscover.h"
#include "discovery/query.h"

#include <fmt/format.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::discovery {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const Offer kOffer{.host = "mail.a.test",
                   .services = {{Protocol::imap, Security::tls, 993},
                                {Protocol::imap, Security::starttls, 143},
                                {Protocol::pop3, Security::starttls, 110},
                                {Protocol::submission, Security::tls, 465}},
                   .https_port = 443};

message::EmailAddress address(std::string_view text) {
    return message::parse_email_address(text).value();
}

/// The text without what sets it out in lines.
std::string packed(std::string_view text) {
    std::string together;
    bool at_start = true;
    for (const char c : text) {
        if (c == '\n') at_start = true;
        if (c == '\n' || (at_start && c == ' ')) continue;
        at_start = false;
        together += c;
    }
    return together;
}

TEST(DiscoveryTest, AutoconfigListsEveryWayToConnectAndNoAddress) {
    const std::string xml = packed(autoconfig_xml(kOffer, *message::Domain::parse("b\u00fccher.test")));
    EXPECT_THAT(xml, HasSubstr("<emailProvider id=\"xn--bcher-kva.test\"><domain>xn--bcher-kva.test</domain>"
                               "<displayName>b\u00fccher.test</displayName>"));
    const auto server = [](std::string_view kind, std::string_view type, std::string_view port, std::string_view tls) {
        return fmt::format("<{0}Server type=\"{1}\"><hostname>mail.a.test</hostname><port>{2}</port>"
                           "<socketType>{3}</socketType><authentication>password-cleartext</authentication>"
                           "<username>%EMAILADDRESS%</username></{0}Server>",
                           kind, type, port, tls);
    };
    EXPECT_THAT(xml,
                HasSubstr(server("incoming", "imap", "993", "SSL") + server("incoming", "imap", "143", "STARTTLS") +
                          server("incoming", "pop3", "110", "STARTTLS") + server("outgoing", "smtp", "465", "SSL") +
                          "</emailProvider>"));
}

TEST(DiscoveryTest, AutodiscoverSaysTheBestOfEachKind) {
    const std::string xml = packed(autodiscover_xml(kOffer, address("\"a&<b\"@a.test")));
    EXPECT_THAT(xml, AllOf(HasSubstr("<Type>IMAP</Type><Server>mail.a.test</Server><Port>993</Port>"),
                           HasSubstr("<LoginName>&quot;a&amp;&lt;b&quot;@a.test</LoginName>"),
                           HasSubstr("<Type>POP3</Type><Server>mail.a.test</Server><Port>110</Port>"),
                           HasSubstr("<SSL>on</SSL><Encryption>TLS</Encryption>"),
                           HasSubstr("<Type>SMTP</Type><Server>mail.a.test</Server><Port>465</Port>"),
                           Not(HasSubstr("<Port>143</Port>"))));
}

constexpr std::string_view kRequestNamespace =
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006";
constexpr std::string_view kSettings =
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

TEST(DiscoveryTest, RequestsOfAutodiscover) {
    const auto read = [](const std::string& octets) {
        const auto request = read_autodiscover(octets);
        return request ? request->address + (wants_settings(*request) ? "" : " other") : "refused";
    };
    const auto body = [](std::string_view content) {
        return fmt::format("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Autodiscover xmlns=\"{}\">{}</Autodiscover>",
                           kRequestNamespace, content);
    };
    const auto asks = [&](std::string_view address, std::string_view schema = kSettings) {
        return body(fmt::format("<Request>\n<EMailAddress> {} </EMailAddress>\n<AcceptableResponseSchema>{}"
                                "</AcceptableResponseSchema></Request>",
                                address, schema));
    };

    struct Case {
        std::string octets;
        std::string expected;
    };

    for (const auto& [octets, expected] : {
             Case{asks("anna@a.test"), "anna@a.test"},
             Case{"\xef\xbb\xbf" + asks("anna@a.test"), "anna@a.test"},
             Case{asks("o&apos;hara&#64;a.test"), "o'hara@a.test"},
             Case{asks("<![CDATA[a&b@a.test]]>"), "a&b@a.test"},
             Case{asks("anna@a.test", "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/x"),
                  "anna@a.test other"},
             Case{"<x:Autodiscover xmlns:x='y'><x:Request><x:EMailAddress>anna@a.test</x:EMailAddress></x:Request>"
                  "</x:Autodiscover>",
                  "anna@a.test"},
             Case{body("<Request/>"), "refused"},
             Case{body("<Request><EMailAddress/></Request>"), "refused"},
             Case{body("<EMailAddress>anna@a.test</EMailAddress>"), "refused"}, // not where it belongs
             Case{"<Other><Request><EMailAddress>anna@a.test</EMailAddress></Request></Other>", "refused"},
             Case{"<!DOCTYPE x [<!ENTITY e \"anna@a.test\">]>" + asks("&e;").substr(39), "refused"},
             Case{asks("&e;"), "refused"},
             Case{asks("anna@a.test").substr(0, 200), "refused"},
             Case{asks(std::string(kAutodiscoverBytesMax, 'a')), "refused"},
             Case{body("<a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a>"), "refused"},
             Case{"", "refused"},
             Case{"{\"Email\": \"anna@a.test\"}", "refused"},
         })
        EXPECT_EQ(read(octets), expected) << octets.substr(0, 400);
}

TEST(DiscoveryTest, AutodiscoverInJsonSaysWhereTheXmlIs) {
    const auto answered = [](const Offer& offer, std::optional<std::string> protocol) {
        const AutodiscoverJson answer = autodiscover_json(offer, protocol);
        return fmt::format("{} {}", answer.status, answer.body);
    };
    EXPECT_EQ(answered(kOffer, "autodiscoverv1"),
              R"(200 {"Protocol":"AutodiscoverV1","Url":"https://mail.a.test/autodiscover/autodiscover.xml"})");
    EXPECT_THAT(answered(kOffer, "ActiveSync"), HasSubstr("400 {\"ErrorCode\":\"InvalidProtocol\""));
    EXPECT_THAT(answered(kOffer, {}), HasSubstr("400 {\"ErrorCode\":\"MandatoryParameterMissing\""));
    EXPECT_THAT(autodiscover_refusal(), HasSubstr("<ErrorCode>601</ErrorCode>"));
}

TEST(DiscoveryTest, AProfileIsOfItsAddress) {
    const std::string profile = packed(apple_profile(kOffer, address("anna@a.test")));
    EXPECT_EQ(profile, packed(apple_profile(kOffer, address("anna@a.test"))));
    for (const std::string_view entry :
         {"<key>EmailAccountType</key><string>EmailTypeIMAP</string>", "<key>EmailAddress</key><string>anna@a.test<",
          "<key>IncomingMailServerHostName</key><string>mail.a.test<",
          "<key>IncomingMailServerPortNumber</key><integer>993<", "<key>IncomingMailServerUseSSL</key><true/>",
          "<key>IncomingMailServerUsername</key><string>anna@a.test<",
          "<key>OutgoingMailServerPortNumber</key><integer>465<",
          "<key>OutgoingPasswordSameAsIncomingPassword</key><true/>"})
        EXPECT_THAT(profile, HasSubstr(entry));
    const auto uuid = [](const std::string& text) {
        constexpr std::string_view kKey = "<key>PayloadUUID</key><string>";
        return text.substr(text.find(kKey) + kKey.size(), 36);
    };
    EXPECT_THAT(uuid(profile), ::testing::MatchesRegex("[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-.*"));
    EXPECT_NE(uuid(profile), uuid(packed(apple_profile(kOffer, address("bob@a.test")))));
    const Offer pop3{.host = "mail.a.test", .services = {{Protocol::pop3, Security::tls, 995}}, .https_port = {}};
    EXPECT_THAT(
        packed(apple_profile(pop3, address("\"a<\"@a.test"))),
        AllOf(HasSubstr("EmailTypePOP"), HasSubstr("&quot;a&lt;&quot;@a.test"), Not(HasSubstr("OutgoingMailServer"))));
}

TEST(DiscoveryTest, AddressesInQueries) {
    using Expected = std::optional<std::string>;
    const auto value = [](std::string_view target) { return query_value(target, "emailaddress"); };
    EXPECT_EQ(value("/x?emailaddress=anna%40a.test"), Expected("anna@a.test"));
    EXPECT_EQ(value("/x?y=1&EmailAddress=anna+x@a.test&z"), Expected("anna+x@a.test"));
    EXPECT_EQ(value("/x?emailaddress="), Expected(""));
    for (const std::string_view target : {"/x", "/x?", "/x?emailaddress", "/x?email=a@a.test", "/x?emailaddress=a%4",
                                          "/x?emailaddress=a%4g", "/x?emailaddress=%"})
        EXPECT_EQ(value(target), std::nullopt) << target;
    const auto odd = address("\"a b&?%\"@b\u00fccher.test");
    const std::string url = profile_url(kOffer, odd).value();
    EXPECT_EQ(url, "https://mail.a.test/mail/settings.mobileconfig?emailaddress="
                   "%22a%20b%26%3F%25%22@xn--bcher-kva.test");
    EXPECT_EQ(value(url), Expected(odd.to_string()));
    Offer offer = kOffer;
    offer.https_port = 20443;
    EXPECT_EQ(url_of(offer, "/x"), Expected("https://mail.a.test:20443/x"));
    offer.https_port.reset();
    EXPECT_EQ(profile_url(offer, odd), std::nullopt);
}

} // namespace
} // namespace tegami::discovery
