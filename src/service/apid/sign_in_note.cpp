#include "service/apid/sign_in_note.h"

#include "base/assert.h"

namespace tegami::apid {

namespace {

async::Awaitable<> note(const ApiService* service, const net::HttpRequest* request) {
    auto address = message::parse_email_address(request->identity);
    if (!address) co_return;
    const std::string key = directory::address_key(*address);
    const std::shared_ptr<const directory::RoleTable> table = service->roles.table();
    for (const auto& [id, holder] : *table) {
        if (directory::address_key(holder.address) != key) continue;
        const auto noted =
            co_await service->admin.note_sign_in(*std::move(address), request->client.address.to_string());
        static_cast<void>(noted); // whoever changes something needs the log again
        co_return;
    }
}

async::Awaitable<net::HttpResponse> sign_in(const net::HttpRoutes* signing_in, const ApiService* service,
                                            net::HttpRequest* request, net::BodySource* body) {
    const net::HttpHandler* const handler = signing_in->find("POST", request->path());
    ASSERT(handler != nullptr);
    net::HttpResponse response = co_await (*handler)(request, body);
    if (response.status < 300 && response.fields.find("Set-Cookie")) co_await note(service, request);
    co_return response;
}

} // namespace

void add_sign_in_note(net::HttpRoutes& routes, const net::HttpRoutes& signing_in, const ApiService& service) {
    for (const char* const path : {"/session", "/session/passkey"})
        routes.add("POST", path,
                   [signing_in = &signing_in, service = &service](net::HttpRequest* request, net::BodySource* body) {
                       return sign_in(signing_in, service, request, body);
                   });
}

} // namespace tegami::apid
