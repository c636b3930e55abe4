using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;
using SaaS.Migrations;
using Xunit;

namespace SaaS.Architecture.Tests;

/// <summary>Every row belongs to a tenant or an account, or is known to belong to the platform.</summary>
public sealed class ModelTests
{
    /// <summary>What is no tenant's: each line is a decision.</summary>
    private static readonly string[] Platform =
    [
        "Reseller", "Tenant", // the owners themselves: filtered by their own ids
        "Plan", // a reseller's, or everybody's
        "BrandHost", // public: shown to whoever asks for that host
        "Setting", // keyed by level and owner; read only through SettingsService
        "ServerKey", // the signing and encryption keys of the service itself
        "Node", "IdempotencyKey", "QueuedRecipient", // reached through QueuedMessage
        "IdentityUserClaim`1", "IdentityUserLogin`1", "IdentityUserToken`1", "IdentityUserPasskey`1", // by user id, through UserManager
        "IdentityPasskeyData", // a part of the passkey's row
        "TotpSecret", "RecoveryCode", "UserSession", // by user id, through their own services; the fenced role has no way to them
        "BrandHostClaim", // by brand, through BrandService
        "RateCounter", // counts by a key that says nothing of a tenant
        "OpenIddictEntityFrameworkCoreApplication", "OpenIddictEntityFrameworkCoreAuthorization", "OpenIddictEntityFrameworkCoreScope",
        "OpenIddictEntityFrameworkCoreToken",
    ];

    [Fact]
    public void Every_entity_has_a_tenant_or_account_or_is_the_platforms()
    {
        using var source = NpgsqlDataSource.Create("Host=design.invalid");
        using var db = Migrator.CreateContext(source);

        var strays = db.Model.GetEntityTypes().Where(IsStray).Select(e => e.ClrType.Name);

        Assert.Empty(strays);
    }

    [Fact]
    public void A_stray_entity_is_found()
    {
        var builder = new ModelBuilder();
        builder.Entity<Stray>();

        Assert.True(IsStray((IReadOnlyEntityType)builder.Model.GetEntityTypes().Single()));
    }

    private static bool IsStray(IReadOnlyEntityType entity) =>
        entity.FindProperty("TenantId") is null && entity.FindProperty("AccountId") is null && !Platform.Contains(entity.ClrType.Name);

    private sealed class Stray
    {
        public long Id { get; set; }
    }
}
