// Every address of JMAP goes through here: who asks, from where, and what all answers say to browsers.
#include "service/jmapd/api.h"
#include "service/jmapd/blobs.h"
#include "service/jmapd/event_source.h"
#include "service/jmapd/http_answers.h"
#include "service/jmapd/session_resource.h"
#include "service/jmapd/web_socket.h"
#include "service/webd/origin.h"

namespace tegami::jmapd {

namespace {

using Handler = async::Awaitable<net::HttpResponse> (*)(Service* service, const User* user, net::HttpRequest* request,
                                                        net::BodySource* body);

async::Awaitable<net::HttpResponse> answer_session(Service* service, const User* user, net::HttpRequest*,
                                                   net::BodySource*) {
    const auto shared = co_await shared_with(service, user);
    net::HttpResponse response = json_response(200, session_resource(*service, *user, shared));
    // RFC 8620 §2: nobody is to keep it.
    response.fields.add("Cache-Control", "no-cache, no-store, must-revalidate");
    co_return response;
}

void add_security_fields(net::HttpResponse& response) {
    if (!response.fields.find("Cache-Control")) response.fields.add("Cache-Control", "no-store");
    response.fields.add("X-Content-Type-Options", "nosniff");
    response.fields.add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox");
    response.fields.add("Cross-Origin-Resource-Policy", "same-origin");
    response.fields.add("Referrer-Policy", "no-referrer");
}

async::Awaitable<net::HttpResponse> answer(Service* service, net::HttpRequest* request, net::BodySource* body,
                                           Handler handler) {
    net::HttpResponse response;
    if (webd::origin_of(*request, service->with.base_url) == webd::Origin::others) {
        response = problem(403, "pages of other origins have no access");
    } else {
        auto user = co_await sign_in(service, request);
        if (user)
            response = co_await handler(service, &*user, request, body);
        else
            response = std::move(user).error();
    }
    add_security_fields(response);
    co_return response;
}

async::Awaitable<net::HttpResponse> lead_to_session() {
    net::HttpResponse response = net::text_response(307, "the session is at /jmap/session");
    response.fields.add("Location", "/jmap/session");
    add_security_fields(response);
    co_return response;
}

} // namespace

void add_routes(net::HttpRoutes& routes, Service& service) {
    const auto add = [&](const char* method, const char* path, Handler handler) {
        routes.add(method, path, [service = &service, handler](net::HttpRequest* request, net::BodySource* body) {
            return answer(service, request, body, handler);
        });
    };
    routes.add("GET", "/.well-known/jmap", [](net::HttpRequest*, net::BodySource*) { return lead_to_session(); });
    add("GET", "/jmap/session", answer_session);
    add("POST", "/jmap/api/", answer_api);
    add("POST", "/jmap/upload/*", answer_upload);
    add("GET", "/jmap/download/*", answer_download);
    add("GET", "/jmap/eventsource/", answer_event_source);
    add("GET", "/jmap/ws/", answer_socket);
}

} // namespace tegami::jmapd
