// An administration over a store in memory, and what its tests ask it.
#pragma once

#include "admin/admin.h"
#include "admin/dependencies_fixture.h"
#include "admin/log_feed.h"
#include "admin/progress_board.h"

#include "async/timer.h"
#include "directory/directory_fixture.h"
#include "net/simulated_resolver.h"
#include "signing/key_keeper.h"

#include <gmock/gmock.h>

namespace tegami::admin {

/// A body that is there at once.
class Body final : public net::BodySource {
public:
    explicit Body(std::string text) : text_(std::move(text)) {}

    async::Awaitable<Result<std::string, net::HttpFault>> read() override { co_return std::exchange(text_, ""); }

private:
    std::string text_;
};

inline dns_setup::Host some_host() {
    return {.name = *dns::Name::parse("mail.a.test"), .addresses = {*IpAddress::parse("192.0.2.1")}};
}

class AdminTest : public directory::DirectoryTest {
protected:
    AdminTest() {
        keeper_.emplace(signing::KeyKeeper::Dependencies{.keys = directory_->signing_keys(),
                                                         .directory = directory_->administration(),
                                                         .resolver = resolver_,
                                                         .workers = workers_,
                                                         .timers = timers_,
                                                         .log = log_});
        make_admin({});
    }

    void make_admin(std::function<async::Awaitable<ReloadOutcome>()> reload,
                    std::function<bool(const store::QueueItem&)> being_sent = {}) {
        Dependencies with =
            dependencies_on(engine_, *store_, *directory_, queue_, journeys_, audit_, traffic_, timers_, &progress_);
        with.host = [] { return some_host(); };
        with.look_at_keys = [this](message::Domain domain, bool renew) {
            return keeper_->look(std::move(domain), renew);
        };
        with.new_resolver = [this] {
            return Result<std::unique_ptr<net::Resolver>, std::string>(
                std::make_unique<net::SimulatedResolver>(resolver_));
        };
        with.log = &feed_;
        with.reload = std::move(reload);
        with.being_sent = std::move(being_sent);
        admin_ = std::make_unique<Admin>(std::move(with));
        routes_ = {};
        for (const auto& [name, operation] : all_operations())
            routes_.add("POST", std::string(name), [this, operation](net::HttpRequest* request, net::BodySource* body) {
                return admin_->serve(caller_, operation, request, body, kRequestBytesMax);
            });
    }

    /// What a server makes of a request.
    net::HttpResponse send(std::string path, std::string text, std::string method = "POST") {
        net::HttpRequest request{.method = std::move(method), .target = std::move(path)};
        Body body(std::move(text));
        const net::HttpHandler* const handler = routes_.find(request.method, request.path());
        if (!handler) return routes_.refusal(request.path());
        net::HttpResponse response = run((*handler)(&request, &body));
        identity_ = request.identity;
        return response;
    }

    /// The answer to a request that must succeed.
    json::object ask(std::string path, const json::object& request = {}) {
        const net::HttpResponse response = send(path, json::serialize(request));
        EXPECT_EQ(response.status, 200U) << path << response.body;
        return json::parse(response.body).as_object();
    }

    /// Status and sentence of a request that must fail.
    std::string refusal(std::string path, const json::object& request = {}) {
        const net::HttpResponse response = send(path, json::serialize(request));
        EXPECT_NE(response.status, 200U) << path;
        return std::to_string(response.status) + " " +
               std::string(json::parse(response.body).as_object().at("error").as_string());
    }

    /// Its journey.
    std::string queue_letter(std::string_view to) {
        const std::unique_ptr<store::BlobWriter> blob = engine_.new_blob();
        EXPECT_TRUE(run(blob->append("octets")));
        store::QueuedMessage letter{.message = {.blob = run(blob->finish("card", {})).value()},
                                    .items = store::remote_items({{.address = directory::address(to)}}, Timestamp())};
        letter.message.journey = journeys_.new_journey();
        EXPECT_TRUE(run(queue_.add(letter)));
        return letter.message.journey;
    }

    /// What happened to a letter.
    std::vector<std::string> kinds_of(const std::string& letter) {
        std::vector<std::string> kinds;
        for (const json::value& event : ask("/trace", {{"what", letter}}).at("events").as_array())
            kinds.emplace_back(event.as_object().at("kind").as_string());
        return kinds;
    }

    /// What the answer of /dns/records says, as the DNS has it from now on.
    void publish(const json::array& records) {
        for (const json::value& each : records) {
            const json::object& record = each.as_object();
            std::string data(record.at("data").as_string());
            if (record.at("type").as_string() == "TXT") {
                // A string has at most 255 octets.
                std::string strings;
                for (std::size_t at = 0; at < data.size(); at += 200)
                    strings += "\"" + data.substr(at, 200) + "\" ";
                data = strings;
            }
            resolver_.add(record.at("name").as_string(), record.at("type").as_string(), data);
        }
    }

    async::RealTimers timers_;
    net::SimulatedResolver resolver_{&timers_, Duration()};
    SilentLog log_;
    std::optional<signing::KeyKeeper> keeper_;
    store::Queue queue_{&engine_, &timers_};
    store::Journeys journeys_{&engine_, &timers_, &random_};
    store::Audit audit_{&engine_, &timers_};
    store::Traffic traffic_{&engine_, &timers_, [](std::string_view) { return true; }};
    ProgressBoard progress_;
    LogFeed feed_;
    std::unique_ptr<Admin> admin_;
    net::HttpRoutes routes_;
    Caller caller_ = Caller::local_root();
    std::string identity_; ///< what the last request left for the log
};

} // namespace tegami::admin
