// A JMAP server with letters in it.
#pragma once

#include "ingest/intake.h"
#include "message/card.h"
#include "service/jmapd/jmapd_fixture.h"

#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmapd::testing {

inline constexpr std::string_view kLetter = "From: Jo <jo@example.net>\r\n"
                                            "To: anna@b.test, \"B, o\" <bo@b.test>\r\n"
                                            "Subject: =?UTF-8?B?44GT44KT44Gr44Gh44Gv?=\r\n"
                                            "Date: Tue, 1 Dec 2026 10:00:00 +0900\r\n"
                                            "Message-ID: <one@example.net>\r\n"
                                            "X-Odd:  left \xff right\r\n"
                                            "x-odd: again\r\n"
                                            "MIME-Version: 1.0\r\n"
                                            "Content-Type: multipart/mixed; boundary=b\r\n"
                                            "\r\n"
                                            "--b\r\n"
                                            "Content-Type: multipart/alternative; boundary=c\r\n"
                                            "\r\n"
                                            "--c\r\n"
                                            "Content-Type: text/plain; charset=utf-8\r\n"
                                            "\r\n"
                                            "Hello \xe3\x81\x82 there\r\n"
                                            "--c\r\n"
                                            "Content-Type: text/html; charset=utf-8\r\n"
                                            "\r\n"
                                            "<p>Hello <b>there</b></p>\r\n"
                                            "--c--\r\n"
                                            "--b\r\n"
                                            "Content-Type: application/pdf; name=a.pdf\r\n"
                                            "Content-Disposition: attachment\r\n"
                                            "Content-Transfer-Encoding: base64\r\n"
                                            "\r\n"
                                            "SGVsbG8gd29y\r\n"
                                            "bGQ=\r\n"
                                            "--b--\r\n";

class EmailTest : public JmapTest {
protected:
    store::EmailId append(std::string octets, std::vector<store::Placement> places = {}) {
        ingest::Intake intake(engine_);
        EXPECT_TRUE(run(intake.append(std::move(octets))));
        EXPECT_TRUE(run(intake.complete()));
        const ingest::Arrival arrival = run(intake.store({}, {})).value();
        const auto card = message::decode_card(run(store_.read_card(arrival.blob.id)).value()).value();
        if (places.empty()) places.push_back({.mailbox = mailbox("INBOX")->id, .flags = {}, .keywords = {}});
        std::vector<store::NewMessage> messages(1);
        messages.front() = {.blob = arrival.blob,
                            .placements = std::move(places),
                            .internal_date = time_.now(),
                            .thread = {card.message_id, card.in_reply_to, card.references}};
        return run(annas()->append(std::move(messages))).value().messages.front().front().email;
    }

    static std::string note(std::string_view id, std::string_view reply_to = "") {
        const std::string reply = reply_to.empty() ? "" : fmt::format("In-Reply-To: <{}@x>\r\n", reply_to);
        return fmt::format("Message-ID: <{}@x>\r\n{}\r\nText\r\n", id, reply);
    }

    /// The one email with these properties.
    json::object get(store::EmailId email, std::string_view properties, std::string_view more = "") {
        const json::value answer =
            one("Email/get", fmt::format("'ids':['{}'],'properties':[{}]{}", id_of(email), properties, more));
        if (!answer.is_object() || answer.at("list").as_array().size() != 1) {
            ADD_FAILURE() << write_json(answer);
            return {};
        }
        return answer.at("list").as_array().front().as_object();
    }

    std::string error(std::string_view method, std::string_view arguments) {
        const json::value answer = one(method, arguments);
        return answer.is_string() ? std::string(answer.as_string()) : write_json(answer);
    }

    std::string state() { return std::string(one("Email/get", "'ids':[]").at("state").as_string()); }

    void flag(std::string_view name, store::UidSet uids, store::FlagChange change) {
        EXPECT_TRUE(run(annas()->change_flags(mailbox(name)->id, std::move(uids), std::move(change))));
    }
};

} // namespace tegami::jmapd::testing
