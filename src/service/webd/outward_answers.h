// What the two handlers of outward_routes.h share.
#pragma once

#include "net/http.h"
#include "service/webd/outward_routes.h"

#include <string_view>

namespace tegami::webd {

/// {"error": word}
net::HttpResponse outward_refusal(unsigned status, std::string_view word);
/// The same; the browser may come again after a while.
net::HttpResponse outward_later(std::string_view word);

/// `account` is whose cookie the request has.
async::Awaitable<net::HttpResponse> answer_picture(OutwardService* service, store::AccountId account,
                                                   const net::HttpRequest* request, net::BodySource* body);
async::Awaitable<net::HttpResponse> answer_unsubscribe(OutwardService* service, store::AccountId account,
                                                       const net::HttpRequest* request, net::BodySource* body);

} // namespace tegami::webd
