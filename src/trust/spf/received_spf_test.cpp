#include "base/ascii.h"
#include "trust/spf/received_spf.h"

#include <gtest/gtest.h>

namespace tegami::spf {
namespace {

Input client_of(std::string helo, std::optional<Sender> mail_from) {
    return {.client = *IpAddress::parse("::ffff:192.0.2.1"),
            .helo = std::move(helo),
            .mail_from = std::move(mail_from),
            .receiver = "mx.b.test",
            .time = {}};
}

/// The field on one line.
std::string unfolded(std::string field) {
    EXPECT_TRUE(field.ends_with("\r\n"));
    field.resize(field.size() - 2);
    for (std::size_t at = 0; (at = field.find("\r\n ", at)) != std::string::npos;)
        field.erase(at, 2);
    return field;
}

TEST(ReceivedSpf, SaysWhatWasChecked) {
    const Input input = client_of("out.a.test", Sender{.local_part = "hana sato", .domain = "a.test"});
    Verdict verdict{.outcome = Outcome::fail,
                    .domain = "a.test",
                    .reason = Reason::matched,
                    .path = {{"a.test", "redirect=b.test"}, {"b.test", "-include:c.test"}, {"c.test", "+all"}}};
    EXPECT_EQ(unfolded(received_spf_field(input, verdict)),
              R"(Received-SPF: fail identity=mailfrom; client-ip=192.0.2.1; helo=out.a.test; )"
              R"(envelope-from="\"hana sato\"@a.test"; receiver=mx.b.test; mechanism="-include:c.test")");
    verdict = {.outcome = Outcome::permerror,
               .identity = Identity::helo,
               .domain = "out.a.test",
               .reason = Reason::too_many_lookups,
               .path = {{"out.a.test", "mx"}}};
    EXPECT_EQ(unfolded(received_spf_field(input, verdict)),
              "Received-SPF: permerror identity=helo; client-ip=192.0.2.1; helo=out.a.test; receiver=mx.b.test; "
              "problem=too-many-lookups");
    verdict = {.outcome = Outcome::neutral,
               .domain = "out.a.test",
               .reason = Reason::nothing_matched,
               .path = {{"out.a.test", ""}}};
    EXPECT_EQ(unfolded(received_spf_field(client_of("out.a.test", {}), verdict)),
              "Received-SPF: neutral identity=mailfrom; client-ip=192.0.2.1; helo=out.a.test; "
              "envelope-from=\"postmaster@out.a.test\"; receiver=mx.b.test; mechanism=default");
}

TEST(ReceivedSpf, ValuesCannotLeaveTheirPlace) {
    for (const std::string& evil :
         {std::string("x\r\nSubject: free"), std::string("a\"; identity=helo"), std::string("\\"),
          std::string("\0\x7f\xff", 3), std::string(5000, '\xff'), std::string(5000, '"'), std::string("花子")}) {
        const Verdict verdict{.outcome = Outcome::pass, .reason = Reason::matched, .path = {{"a.test", evil}}};
        const std::string field =
            received_spf_field(client_of(evil, Sender{.local_part = evil, .domain = "a.test"}), verdict);
        EXPECT_FALSE(ascii::has_high_octet(field));
        bool quoted = false;
        std::string outside;
        const std::string line = unfolded(field);
        for (std::size_t i = 0; i < line.size(); ++i) {
            EXPECT_TRUE(line[i] == ' ' || ascii::is_vchar(line[i])) << line;
            if (quoted && line[i] == '\\')
                ++i;
            else if (line[i] == '"')
                quoted = !quoted;
            else if (!quoted)
                outside += line[i];
        }
        EXPECT_EQ(outside, "Received-SPF: pass identity=mailfrom; client-ip=192.0.2.1; helo=; envelope-from=; "
                           "receiver=mx.b.test; mechanism=");
        for (const std::string_view each : ascii::split(field, '\n'))
            EXPECT_LE(each.size(), 998U);
    }
}

} // namespace
} // namespace tegami::spf
