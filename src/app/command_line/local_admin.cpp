#include "app/command_line/local_admin.h"

#include "async/run.h"

namespace tegami::app {

Result<std::unique_ptr<LocalAdmin>, std::string> LocalAdmin::open(const Config& config) {
    std::unique_ptr<LocalAdmin> local(new LocalAdmin);
    const Backend::Dependencies dependencies{.context = local->context_,
                                             .lanes = local->lanes_.lanes(),
                                             .timers = local->timers_,
                                             .random = local->random_,
                                             .log = local->log_};
    TRY(local->backend_, Backend::open(config, dependencies));
    local->backups_ = make_backups(config, *local->backend_, dependencies);
    local->admin_ =
        std::make_unique<admin::Admin>(admin::Dependencies{.engine = local->backend_->engine(),
                                                           .store = local->backend_->store(),
                                                           .directory = local->backend_->directory().administration(),
                                                           .queue = local->backend_->queue(),
                                                           .journeys = local->backend_->journeys(),
                                                           .backups = local->backups_.get()});
    return local;
}

admin::Answer LocalAdmin::call(std::string operation, json::object parameters) {
    return async::run_on(context_,
                         admin_->call(admin::Caller::local_root(), std::move(operation), std::move(parameters)));
}

} // namespace tegami::app
