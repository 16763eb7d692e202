// A JMAP server as the program has it: HTTPS over a simulated network, the product's store and directory, and a client that
// says exactly what a test wants to be said.
#pragma once

#include "base/base64.h"
#include "net/simulated_resolver.h"
#include "net/test_support.h"
#include "service/httpd/httpd.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/service.h"
#include "testing/mail_world.h"
#include "json/json.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::jmapd::testing {

/// An answer as it came over the wire.
struct Answer {
    unsigned status = 0;
    std::string header; ///< with its status line
    std::string body;   ///< without chunks

    json::value json() const { return read_json(body, 100).value_or(json::value()); }
};

inline const net::testing::TlsMaterial& tls_material() {
    static const net::testing::TlsMaterial kMaterial;
    return kMaterial;
}

class JmapTest : public tegami::testing::ServerWorld {
protected:
    static constexpr std::string_view kBase = "https://mail.b.test";

    explicit JmapTest(Limits limits = small_limits())
        : service_({.store = store_,
                    .authenticator = *authenticator_,
                    .web_sessions = directory_->web_sessions(),
                    .shares = shares_,
                    .memory = memory_,
                    .workers = workers_,
                    .timers = time_,
                    .random = time_.random(),
                    .log = log_,
                    .outgoing = {.directory = directory_->lookup(),
                                 .reception = reception_,
                                 .delivery = delivery_,
                                 .queue = queue_,
                                 .journeys = journeys_,
                                 .signatures = signatures_,
                                 .resolver = resolver_,
                                 .sender_keys = sender_keys_,
                                 .host_name = "mail.b.test"},
                    .push = {.subscriptions = directory_->push_subscriptions(),
                             .web = net::WebClient({.network = network_.host(kServer),
                                                    .resolver = resolver_,
                                                    .timers = time_,
                                                    .tls = tls_material().trusting,
                                                    .may_reach = [](const IpAddress&) { return true; }}),
                             .key = p256::Key::make()},
                    .secret = directory_->secret(),
                    .base_url = std::string(kBase)},
                   limits) {
        tls_.set(tls_material().server);
        add_routes(routes_, service_);
        listen(443,
               [this](std::unique_ptr<net::Stream> stream) { return httpd::serve(&https_, std::move(stream), true); });
        anna_ = add_account("anna@b.test");
    }

    ~JmapTest() override { stop(); }

    static Limits small_limits() {
        return {.request = {.size_bytes = 100'000, .calls = 4, .objects_in_get = 20, .objects_in_set = 10},
                .concurrent_requests = 2,
                .concurrent_uploads = 1,
                .event_streams = 1,
                .upload_bytes = 200'000,
                .upload_bytes_per_hour = 500'000,
                .copied_bytes_per_hour = 1'000'000};
    }

    static std::string basic(std::string_view login, std::string_view password = kPassword) {
        return "Authorization: Basic " + base64::encode(fmt::format("{}:{}", login, password)) + "\r\n";
    }

    /// The token of a browser that anna is signed in with.
    std::string begin_web_session() {
        const auto anna = run(directory_->credentials().find("anna@b.test")).value();
        return run(directory_->web_sessions().begin(*anna, "192.0.2.1", "Browser/1")).value();
    }

    static std::string cookie_line(std::string_view token) {
        return fmt::format("Cookie: __Host-tegami={}\r\n", token);
    }

    /// A connection under TLS.
    std::unique_ptr<net::Stream> dial() { return run(connect_securely()); }

    /// Sends octets and reads until the server hangs up.
    Answer exchange(std::string octets) {
        const std::unique_ptr<net::Stream> stream = dial();
        return parse(run(ask(stream.get(), std::move(octets))));
    }

    /// `fields` are whole lines; anna's password is among them unless `login` is empty.
    Answer send(std::string_view method, std::string_view target, std::string_view fields = {},
                std::string_view body = {}, std::string_view login = "anna@b.test") {
        return exchange(fmt::format("{} {} HTTP/1.1\r\nHost: mail.b.test\r\nConnection: close\r\nContent-Length: {}\r\n"
                                    "{}{}\r\n{}",
                                    method, target, body.size(), login.empty() ? "" : basic(login), fields, body));
    }

    Answer get(std::string_view target, std::string_view fields = {}) { return send("GET", target, fields); }

    Answer post_api(std::string_view body, std::string_view login = "anna@b.test") {
        return send("POST", "/jmap/api/", "Content-Type: application/json\r\n", body, login);
    }

    /// The responses to calls: [name, arguments, id], with `'` for `"`, ACCOUNT for anna's id.
    json::array call(std::string calls, std::string_view more = {}) {
        const Answer answer = post_kept(
            in_quotes(fmt::format("{{'using':['urn:ietf:params:jmap:core','urn:ietf:params:jmap:mail',"
                                  "'urn:ietf:params:jmap:submission','urn:ietf:params:jmap:quota',"
                                  "'urn:ietf:params:jmap:blob','urn:ietf:params:jmap:mdn'],'methodCalls':[{}]{}}}",
                                  calls, more)));
        EXPECT_EQ(answer.status, 200U) << answer.body;
        const json::value whole = answer.json();
        last_ = whole.is_object() ? whole.as_object() : json::object();
        return last_.contains("methodResponses") ? last_["methodResponses"].as_array() : json::array();
    }

    /// The arguments of the response to one method, or its error as "error: TYPE NAMES".
    json::value one(std::string_view method, std::string_view arguments) {
        const json::array responses = call(
            fmt::format("['{}',{{'accountId':'ACCOUNT'{}{}}},'a']", method, arguments.empty() ? "" : ",", arguments));
        if (responses.size() != 1) return "no single response";
        const json::array& response = responses.front().as_array();
        if (response.at(0) != "error") return response.at(1);
        return json::value(fmt::format("error: {}", text_of_fault(response.at(1).as_object())));
    }

    /// "invalidProperties name,role"
    static std::string text_of_fault(const json::object& fault) {
        std::string text(fault.at("type").as_string());
        for (const char* const names : {"properties", "arguments"})
            if (const json::value* const list = fault.if_contains(names))
                for (const json::value& name : list->as_array())
                    text += (&name == &list->as_array().front() ? " " : ",") + std::string(name.as_string());
        return text;
    }

    /// The same as post_api() over one connection, which saves handshakes.
    Answer post_kept(std::string_view body) {
        const std::string octets = fmt::format("POST /jmap/api/ HTTP/1.1\r\nHost: mail.b.test\r\nContent-Type: "
                                               "application/json\r\nContent-Length: {}\r\n{}\r\n{}",
                                               body.size(), basic("anna@b.test"), body);
        std::string heard = kept_ ? run(ask_once(kept_.get(), octets)) : std::string();
        if (heard.empty()) {
            kept_ = dial();
            heard = run(ask_once(kept_.get(), octets));
        }
        return parse(heard);
    }

    /// JSON with `'` for `"`.
    std::string in_quotes(std::string text) const {
        for (std::size_t at = 0; (at = text.find("ACCOUNT", at)) != std::string::npos;)
            text.replace(at, 7, id_of(anna_));
        std::ranges::replace(text, '\'', '"');
        return text;
    }

    json::value from(std::string_view text) const { return read_json(in_quotes(std::string(text)), 100).value(); }

    store::AccountPtr annas() { return account(anna_); }

    store::MailboxPtr mailbox(std::string_view name) { return annas()->mailboxes()->find(name); }

    std::string mailbox_id(std::string_view name) { return id_of(mailbox(name)->id); }

    /// A letter comes into a mailbox.
    void append_to(store::AccountId who, std::string_view mailbox) {
        const auto blob = store_.new_blob();
        EXPECT_TRUE(run(blob->append("Subject: x\r\n\r\n")));
        std::vector<store::NewMessage> messages(1);
        messages.front().blob = run(blob->finish({}, {})).value();
        const store::MailboxId target = account(who)->mailboxes()->find(mailbox)->id;
        messages.front().placements = {{.mailbox = target, .flags = {}, .keywords = {}}};
        messages.front().internal_date = time_.now();
        EXPECT_TRUE(run(account(who)->append(std::move(messages))));
    }

    /// From now on anna may do this in a mailbox of another account.
    void share(store::AccountId owner, std::string_view mailbox, store::Rights rights = store::kReading) {
        EXPECT_TRUE(run(shares_.change({.owner = account(owner),
                                        .mailbox = account(owner)->mailboxes()->find(mailbox)->id,
                                        .changed_by = owner,
                                        .grants = {{anna_, rights, store::Rights::all()}}})));
    }

    /// The state of what anna sees of another account.
    std::string state_of_shared(store::AccountId sharer) {
        return state_of(store::part_of(*account(sharer)->mailboxes(), anna_));
    }

    /// What is said until then, and "(closed)" if it ends.
    static async::Awaitable<std::string> listen_for(net::Stream* stream, Instant until) {
        std::string heard;
        for (;;) {
            stream->set_deadline(until);
            std::string buffer(8192, '\0');
            const auto got = co_await stream->read_some(buffer.data(), buffer.size());
            if (!got) {
                stream->set_deadline(Instant::max());
                co_return got.error() == net::IoError::timed_out ? heard : heard + "(closed)";
            }
            heard.append(buffer, 0, *got);
        }
    }

    async::Awaitable<> pause(Duration time) { co_await async::sleep(&time_, time); }

    static Answer parse(const std::string& octets) {
        Answer answer;
        const std::size_t end = octets.find("\r\n\r\n");
        if (end == std::string::npos) return answer;
        answer.header = octets.substr(0, end + 2);
        answer.status = static_cast<unsigned>(std::stoul(octets.substr(9, 3)));
        answer.body = octets.substr(end + 4);
        if (answer.header.contains("chunked")) answer.body = join_chunks(answer.body);
        return answer;
    }

    net::HttpRoutes routes_;
    MemoryBudget memory_{64U << 20};
    store::Queue queue_{&engine_, &time_};
    std::function<void()> wake_relay_ = [] {};
    delivery::Delivery delivery_{store_, queue_, journeys_, time_, {}, [this] { wake_relay_(); }};
    srs::Rewriter return_paths_{"secret", *message::Domain::parse("b.test")};
    reception::Reception reception_{directory_->lookup(), store_, return_paths_, time_};
    net::SimulatedResolver resolver_{&time_};
    dkim::KeyCache sender_keys_;
    signing::Signatures signatures_{directory_->signing_keys(), workers_, time_};
    sharing::Shares shares_{{store_, directory_->credentials(), time_}};
    Service service_;
    httpd::Dependencies https_{{routes_, time_, time_.random(), log_}, tls_, memory_};
    store::AccountId anna_;
    json::object last_; ///< the last response of call()
    std::unique_ptr<net::Stream> kept_;

private:
    static std::string join_chunks(std::string_view chunks) {
        std::string joined;
        while (!chunks.empty()) {
            const std::size_t line = chunks.find("\r\n");
            const auto size = std::stoul(std::string(chunks.substr(0, line)), nullptr, 16);
            if (size == 0) break;
            joined += chunks.substr(line + 2, size);
            chunks.remove_prefix(std::min(chunks.size(), line + 2 + size + 2));
        }
        return joined;
    }

    async::Awaitable<std::unique_ptr<net::Stream>> connect_securely() {
        auto stream = co_await client().connect({kServer, 443}, {});
        const auto shaken =
            co_await (*stream)->start_tls(tls_material().trusting, net::TlsClientOptions{.host_name = "mail.b.test"});
        EXPECT_TRUE(shaken) << (*stream)->error_text();
        co_return std::move(*stream);
    }

    /// One answer with a length; empty if there is none.
    static async::Awaitable<std::string> ask_once(net::Stream* stream, std::string octets) {
        const auto written = co_await stream->write_all(std::move(octets));
        std::string heard;
        while (written) {
            const std::size_t end = heard.find("\r\n\r\n");
            const std::size_t length = heard.find("Content-Length: ");
            if (end != std::string::npos && length < end &&
                heard.size() >= end + 4 + std::stoul(heard.substr(length + 16)))
                break;
            std::string buffer(8192, '\0');
            const auto got = co_await stream->read_some(buffer.data(), buffer.size());
            if (!got) co_return std::string();
            heard.append(buffer, 0, *got);
        }
        co_return heard;
    }

    static async::Awaitable<std::string> ask(net::Stream* stream, std::string octets) {
        const auto written = co_await stream->write_all(std::move(octets));
        static_cast<void>(written);
        std::string heard;
        for (;;) {
            std::string buffer(8192, '\0');
            const auto got = co_await stream->read_some(buffer.data(), buffer.size());
            if (!got) co_return heard;
            heard.append(buffer, 0, *got);
        }
    }
};

} // namespace tegami::jmapd::testing
