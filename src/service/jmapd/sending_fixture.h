// A JMAP server from which letters go out: to ben@b.test here, and to c.test elsewhere.
#pragma once

#include "relay/relay_fixture.h"
#include "service/jmapd/email_fixture.h"

#include <optional>
#include <string>
#include <vector>

namespace tegami::jmapd::testing {

class SendingTest : public EmailTest {
protected:
    SendingTest() : ben_(add_account("ben@b.test")) {
        resolver_.add("c.test", "MX", "10 mx.c.test");
        resolver_.add("mx.c.test", "A", "192.0.2.9");
        identity_ = std::string(one("Identity/get", "").at("list").at(0).at("id").as_string());
    }

    ~SendingTest() override {
        if (relay_) run(relay_->stop());
    }

    /// Letters go out from now on.
    void start_relay() {
        relay_.emplace(relay::Dependencies{.store = store_,
                                           .queue = queue_,
                                           .journeys = journeys_,
                                           .directory = directory_->lookup(),
                                           .delivery = delivery_,
                                           .signatures = signatures_,
                                           .return_paths = return_paths_,
                                           .network = network_.host(kServer),
                                           .resolver = resolver_,
                                           .tls = nullptr,
                                           .timers = time_,
                                           .random = time_.random(),
                                           .log = log_},
                       relay::RelayOptions{.host_name = "mail.b.test", .retry = {}}, time_.executor());
        wake_relay_ = [this] { relay_->wake(); };
        tasks_.spawn("relay", relay_->run());
    }

    std::vector<store::QueuedMessage> queued() { return run(queue_.list(store::QueueId(), 100)).value().messages; }

    std::string octets_of(store::BlobRef blob) { return run(store_.read_blob(blob.id, 0, blob.size)).value(); }

    std::vector<std::string> mail_of(store::AccountId id) {
        const auto owner = account(id);
        const auto view = run(owner->open(owner->mailboxes()->find(store::Role::inbox)->id)).value()->view();
        std::vector<std::string> mail;
        for (std::uint32_t at = 0; at < view->size(); ++at) {
            std::vector<store::EmailId> ids{view->at(at).email};
            mail.push_back(octets_of(run(owner->emails(ids)).value().front()->blob));
        }
        return mail;
    }

    store::AccountId ben_;
    std::string identity_;
    std::optional<relay::Relay> relay_;
};

} // namespace tegami::jmapd::testing
