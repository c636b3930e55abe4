using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace SaaS.Domain.Common;

/// <summary>Stores every id type as the bigint that it is.</summary>
internal static class IdConversions
{
    public static void Add(ModelConfigurationBuilder model)
    {
        model.Properties<ResellerId>().HaveConversion<ResellerIdConversion>();
        model.Properties<TenantId>().HaveConversion<TenantIdConversion>();
        model.Properties<PlanId>().HaveConversion<PlanIdConversion>();
        model.Properties<LegacyPlatformId>().HaveConversion<LegacyPlatformIdConversion>();
        model.Properties<DomainId>().HaveConversion<DomainIdConversion>();
        model.Properties<AccountId>().HaveConversion<AccountIdConversion>();
        model.Properties<MailboxId>().HaveConversion<MailboxIdConversion>();
        model.Properties<MessageId>().HaveConversion<MessageIdConversion>();
        model.Properties<ContentId>().HaveConversion<ContentIdConversion>();
        model.Properties<ThreadId>().HaveConversion<ThreadIdConversion>();
    }

    private sealed class ResellerIdConversion() : ValueConverter<ResellerId, long>(id => id.Value, value => new ResellerId(value));

    private sealed class TenantIdConversion() : ValueConverter<TenantId, long>(id => id.Value, value => new TenantId(value));

    private sealed class PlanIdConversion() : ValueConverter<PlanId, long>(id => id.Value, value => new PlanId(value));

    private sealed class LegacyPlatformIdConversion()
        : ValueConverter<LegacyPlatformId, long>(id => id.Value, value => new LegacyPlatformId(value));

    private sealed class DomainIdConversion() : ValueConverter<DomainId, long>(id => id.Value, value => new DomainId(value));

    private sealed class AccountIdConversion() : ValueConverter<AccountId, long>(id => id.Value, value => new AccountId(value));

    private sealed class MailboxIdConversion() : ValueConverter<MailboxId, long>(id => id.Value, value => new MailboxId(value));

    private sealed class MessageIdConversion() : ValueConverter<MessageId, long>(id => id.Value, value => new MessageId(value));

    private sealed class ContentIdConversion() : ValueConverter<ContentId, long>(id => id.Value, value => new ContentId(value));

    private sealed class ThreadIdConversion() : ValueConverter<ThreadId, long>(id => id.Value, value => new ThreadId(value));
}
