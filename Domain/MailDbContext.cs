using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using SaaS.Domain.Accounts;
using SaaS.Domain.Aliases;
using SaaS.Domain.Audit;
using SaaS.Domain.Branding;
using SaaS.Domain.Common;
using SaaS.Domain.Domains;
using SaaS.Domain.Groups;
using SaaS.Domain.Idempotency;
using SaaS.Domain.Keys;
using SaaS.Domain.Limits;
using SaaS.Domain.Mailboxes;
using SaaS.Domain.Messages;
using SaaS.Domain.Messages.Blobs;
using SaaS.Domain.Messages.Search;
using SaaS.Domain.Nodes;
using SaaS.Domain.Plans;
using SaaS.Domain.Queue;
using SaaS.Domain.Resellers;
using SaaS.Domain.Settings;
using SaaS.Domain.Sharing;
using SaaS.Domain.Sieve.Scripts;
using SaaS.Domain.Submissions;
using SaaS.Domain.Tenants;

namespace SaaS.Domain;

/// <summary>
/// The whole model. The control plane is read and written through it; the mail tables are mapped for the schema and
/// are worked by <see cref="MessageStore"/> and its neighbours with SQL of their own.
/// </summary>
public sealed class MailDbContext(DbContextOptions<MailDbContext> options, Caller caller)
    : IdentityUserContext<AppUser, long>(options)
{
    public DbSet<Reseller> Resellers => Set<Reseller>();
    public DbSet<Plan> Plans => Set<Plan>();
    public DbSet<Tenant> Tenants => Set<Tenant>();
    public DbSet<MailDomain> Domains => Set<MailDomain>();
    public DbSet<DkimKey> DkimKeys => Set<DkimKey>();
    public DbSet<Account> Accounts => Set<Account>();
    public DbSet<AccountState> AccountStates => Set<AccountState>();
    public DbSet<AddressEntry> Addresses => Set<AddressEntry>();
    public DbSet<RoleGrant> RoleGrants => Set<RoleGrant>();
    public DbSet<Alias> Aliases => Set<Alias>();
    public DbSet<Group> Groups => Set<Group>();
    public DbSet<GroupMember> GroupMembers => Set<GroupMember>();
    public DbSet<Brand> Brands => Set<Brand>();
    public DbSet<BrandHost> BrandHosts => Set<BrandHost>();
    public DbSet<BrandHostClaim> BrandHostClaims => Set<BrandHostClaim>();
    public DbSet<UserSession> UserSessions => Set<UserSession>();
    public DbSet<TotpSecret> TotpSecrets => Set<TotpSecret>();
    public DbSet<RecoveryCode> RecoveryCodes => Set<RecoveryCode>();
    public DbSet<Setting> Settings => Set<Setting>();
    public DbSet<AuditEntry> Audit => Set<AuditEntry>();
    public DbSet<AppPassword> AppPasswords => Set<AppPassword>();
    public DbSet<ScramKey> ScramKeys => Set<ScramKey>();
    public DbSet<Node> Nodes => Set<Node>();
    public DbSet<IdempotencyKey> IdempotencyKeys => Set<IdempotencyKey>();
    public DbSet<Mailbox> Mailboxes => Set<Mailbox>();
    public DbSet<MailboxGrant> MailboxGrants => Set<MailboxGrant>();
    public DbSet<QueuedMessage> QueuedMessages => Set<QueuedMessage>();
    public DbSet<QueuedRecipient> QueuedRecipients => Set<QueuedRecipient>();

    /// <summary>The unit of work's caller, for the filters below and for audit entries.</summary>
    public Caller Caller => caller;

    /// <summary>Something was changed that routers remember; see <see cref="DirectoryChanges"/>.</summary>
    internal bool DirectoryChanged { get; set; }

    private bool SeesAll => caller.Scope is CallerScope.Operator;
    private TenantId OwnTenant => caller.Scope.TenantOnly ?? default;
    private ResellerId OwnReseller => caller.Scope.ResellerOnly ?? default;
    private bool SeesOneAccount => caller.Scope.AccountOnly is not null;
    private AccountId OwnAccount => caller.Scope.AccountOnly ?? default;

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        IdConversions.Add(configurationBuilder);

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.HasPostgresExtension("btree_gin");
        builder.UseOpenIddict();
        MapControlPlane(builder);
        MapMail(builder);
        MapSieve(builder);
        MapQueue(builder);
        FilterByTenancy(builder);
    }

    private static void MapControlPlane(ModelBuilder b)
    {
        b.Entity<AppUser>(e =>
        {
            e.ToTable("app_user");
            e.HasIndex(x => x.AccountId).IsUnique();
            e.HasIndex(x => x.TenantId);
        });
        b.Entity<IdentityUserClaim<long>>().ToTable("app_user_claim");
        b.Entity<IdentityUserLogin<long>>().ToTable("app_user_login");
        b.Entity<IdentityUserToken<long>>().ToTable("app_user_token");
        b.Entity<IdentityUserPasskey<long>>(e =>
        {
            e.ToTable("app_user_passkey");
            e.HasKey(x => x.CredentialId);
            e.Property(x => x.CredentialId).HasMaxLength(1024); // WebAuthn §5.8.3
            e.HasOne<AppUser>().WithMany().HasForeignKey(x => x.UserId).OnDelete(DeleteBehavior.Cascade);
            e.OwnsOne(x => x.Data, d => d.ToJson());
        });
        b.Entity<UserSession>(e =>
        {
            e.ToTable("user_session");
            e.HasOne<AppUser>().WithMany().HasForeignKey(x => x.UserId).OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(x => x.UserId);
            e.HasIndex(x => x.SeenAt);
        });
        b.Entity<TotpSecret>(e =>
        {
            e.ToTable("totp_secret");
            e.HasKey(x => x.UserId);
            e.Property(x => x.UserId).ValueGeneratedNever();
            e.HasOne<AppUser>().WithOne().HasForeignKey<TotpSecret>(x => x.UserId).OnDelete(DeleteBehavior.Cascade);
        });
        b.Entity<RecoveryCode>(e =>
        {
            e.ToTable("recovery_code");
            e.HasKey(x => new { x.UserId, x.Hash });
            e.HasOne<AppUser>().WithMany().HasForeignKey(x => x.UserId).OnDelete(DeleteBehavior.Cascade);
        });

        b.Entity<Reseller>(e =>
        {
            e.ToTable("reseller");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.Version).IsRowVersion();
            e.HasIndex(x => x.Name).IsUnique();
        });
        b.Entity<Plan>(e =>
        {
            e.ToTable("plan");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.Version).IsRowVersion();
            e.HasIndex(x => new { x.ResellerId, x.Name }).IsUnique();
        });
        b.Entity<Tenant>(e =>
        {
            e.ToTable("tenant");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.Version).IsRowVersion();
            e.HasOne<Reseller>().WithMany().HasForeignKey(x => x.ResellerId).OnDelete(DeleteBehavior.Restrict);
            e.HasOne<Plan>().WithMany().HasForeignKey(x => x.PlanId).OnDelete(DeleteBehavior.Restrict);
        });
        b.Entity<MailDomain>(e =>
        {
            e.ToTable("mail_domain");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.Version).IsRowVersion();
            e.HasOne<Tenant>().WithMany().HasForeignKey(x => x.TenantId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(x => new { x.TenantId, x.Name }).IsUnique();
            // A name is authoritative for one tenant at most; pending claims do not block anybody.
            e.HasIndex(x => x.Name).IsUnique().HasFilter("state <> 0").HasDatabaseName("ux_mail_domain_name_proven");
        });
        b.Entity<DkimKey>(e =>
        {
            e.ToTable("dkim_key");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.HasOne<MailDomain>().WithMany().HasForeignKey(x => x.DomainId).OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(x => new { x.DomainId, x.Selector }).IsUnique();
        });
        b.Entity<Account>(e =>
        {
            e.ToTable("account");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.Version).IsRowVersion();
            e.HasOne<MailDomain>().WithMany().HasForeignKey(x => x.DomainId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(x => new { x.DomainId, x.LocalPart }).IsUnique().HasFilter("deleted_at is null");
            e.HasIndex(x => x.TenantId);
            e.HasIndex(x => x.Address);
        });
        b.Entity<AccountState>(e =>
        {
            e.ToTable("account_state");
            e.HasKey(x => x.AccountId);
            e.Property(x => x.AccountId).ValueGeneratedNever();
            e.Property(x => x.SieveState).HasDefaultValue(0L);
            e.Property(x => x.SieveVersion).HasDefaultValue(0L);
            // Every delivery updates this row: room on the page keeps the updates heap-only.
            e.HasStorageParameter("fillfactor", 50);
        });
        b.Entity<AddressEntry>(e =>
        {
            e.ToTable("address");
            e.HasKey(x => new { x.DomainId, x.LocalPart });
            e.HasOne<MailDomain>().WithMany().HasForeignKey(x => x.DomainId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(x => new { x.Kind, x.TargetId });
        });
        b.Entity<RoleGrant>(e =>
        {
            e.ToTable("role_grant");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.HasOne<AppUser>().WithMany().HasForeignKey(x => x.UserId).OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(x => new { x.UserId, x.Role, x.ResellerId, x.TenantId }).IsUnique().AreNullsDistinct(false);
        });
        b.Entity<Alias>(e =>
        {
            e.ToTable("alias");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.Version).IsRowVersion();
            e.HasOne<MailDomain>().WithMany().HasForeignKey(x => x.DomainId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(x => x.TenantId);
            e.HasIndex(x => x.Targets).HasMethod("gin");
        });
        b.Entity<Group>(e =>
        {
            e.ToTable("mail_group");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.Version).IsRowVersion();
            e.HasOne<MailDomain>().WithMany().HasForeignKey(x => x.DomainId).OnDelete(DeleteBehavior.Restrict);
            e.HasIndex(x => x.TenantId);
        });
        b.Entity<GroupMember>(e =>
        {
            e.ToTable("group_member");
            e.HasKey(x => new { x.GroupId, x.Address });
            e.HasOne<Group>().WithMany().HasForeignKey(x => x.GroupId).OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(x => x.Address);
        });
        b.Entity<Brand>(e =>
        {
            e.ToTable("brand");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.Version).IsRowVersion();
            e.HasIndex(x => new { x.ResellerId, x.TenantId }).IsUnique().AreNullsDistinct(false);
        });
        b.Entity<BrandHost>(e =>
        {
            e.ToTable("brand_host");
            e.HasKey(x => x.Host);
            e.HasOne<Brand>().WithMany().HasForeignKey(x => x.BrandId).OnDelete(DeleteBehavior.Cascade);
        });
        b.Entity<BrandHostClaim>(e =>
        {
            e.ToTable("brand_host_claim");
            e.HasKey(x => new { x.BrandId, x.Host });
            e.HasOne<Brand>().WithMany().HasForeignKey(x => x.BrandId).OnDelete(DeleteBehavior.Cascade);
        });
        b.Entity<RateCounter>(e =>
        {
            e.ToTable("rate_counter");
            e.HasKey(x => x.Key);
            e.IsUnlogged();
        });
        b.Entity<Setting>(e =>
        {
            e.ToTable("setting");
            e.HasKey(x => new { x.Level, x.OwnerId, x.Key });
            e.Property(x => x.Value).HasColumnType("jsonb");
        });
        b.Entity<AuditEntry>(e =>
        {
            e.ToTable("audit_entry");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.Property(x => x.Details).HasColumnType("jsonb");
            e.HasIndex(x => new { x.TenantId, x.Id });
            e.HasIndex(x => new { x.ResellerId, x.Id });
        });
        b.Entity<AppPassword>(e =>
        {
            e.ToTable("app_password");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.HasOne<Account>().WithMany().HasForeignKey(x => x.AccountId).OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(x => new { x.AccountId, x.Hash }).IsUnique();
        });
        b.Entity<ScramKey>(e =>
        {
            e.ToTable("scram_key");
            e.HasKey(x => x.AccountId);
            e.Property(x => x.AccountId).ValueGeneratedNever();
            e.HasOne<Account>().WithMany().HasForeignKey(x => x.AccountId).OnDelete(DeleteBehavior.Cascade);
        });
        b.Entity<ServerKey>(e => e.ToTable("server_key").HasKey(x => x.Id));
        b.Entity<Node>(e => e.ToTable("node").HasKey(x => x.Id));
        b.Entity<IdempotencyKey>(e =>
        {
            e.ToTable("idempotency_key");
            e.HasKey(x => new { x.Owner, x.Key });
            e.HasIndex(x => x.CreatedAt);
        });
    }

    private static void MapMail(ModelBuilder b)
    {
        b.Entity<Mailbox>(e =>
        {
            e.ToTable("mailbox");
            e.HasKey(x => new { x.AccountId, x.Id });
            e.Property(x => x.Id).ValueGeneratedNever();
            e.HasIndex(x => new { x.AccountId, x.Name }).IsUnique();
            e.HasStorageParameter("fillfactor", 50);
        });
        b.Entity<MailboxTombstone>(e => e.ToTable("mailbox_tombstone").HasKey(x => new { x.AccountId, x.MailboxId }));
        b.Entity<Annotation>(e => e.ToTable("annotation").HasKey(x => new { x.AccountId, x.MailboxId, x.Entry }));
        b.Entity<MailboxGrant>(e =>
        {
            e.ToTable("mailbox_grant");
            e.HasKey(x => new { x.AccountId, x.MailboxId, x.GranteeKind, x.GranteeId });
            e.HasIndex(x => new { x.GranteeKind, x.GranteeId });
        });
        b.Entity<ReaderState>(e =>
        {
            e.ToTable("reader_state");
            e.HasKey(x => new { x.AccountId, x.MailboxId, x.ReaderId });
            e.HasIndex(x => x.ReaderId);
            e.Property(x => x.Seen).HasColumnType("int8multirange").HasDefaultValueSql("'{}'");
        });
        b.Entity<Message>(e =>
        {
            e.ToTable("message");
            e.HasKey(x => new { x.AccountId, x.Id });
            e.Property(x => x.Id).ValueGeneratedNever();
            e.HasIndex(x => new { x.AccountId, x.MailboxId, x.Uid }).IsUnique();
            e.HasIndex(x => new { x.AccountId, x.ModSeq });
            e.HasIndex(x => new { x.AccountId, x.ThreadId });
            // The message list, its threads and its unread filter are read from this index alone.
            e.HasIndex(x => new { x.AccountId, x.MailboxId, x.InternalDate, x.Id }).IncludeProperties(x => new { x.ThreadId, x.Flags });
        });
        b.Entity<MessageContent>(e =>
        {
            e.ToTable("message_content");
            e.HasKey(x => new { x.AccountId, x.Id });
            e.Property(x => x.Id).ValueGeneratedNever();
            // json, not jsonb: it is read whole, validates cheaply, and can hold an escaped NUL.
            e.HasIndex(x => x.BlobHash).HasFilter("blob_hash is not null");
            e.Property(x => x.Envelope).HasColumnType("json");
            e.Property(x => x.Structure).HasColumnType("json");
        });
        b.Entity<MessageTombstone>(e =>
        {
            e.ToTable("message_tombstone");
            e.HasKey(x => new { x.AccountId, x.MailboxId, x.Uid });
            e.HasIndex(x => new { x.AccountId, x.ModSeq });
            e.HasIndex(x => x.At);
            e.HasIndex(x => x.AccountId).HasFilter("content_id <> 0 and not moved").HasDatabaseName("ix_message_tombstone_uncollected");
        });
        b.Entity<ThreadReference>(e => e.ToTable("thread_reference").HasKey(x => new { x.AccountId, x.Hash }));
        b.Entity<DeliveryKey>(e =>
        {
            e.ToTable("delivery_key");
            e.HasKey(x => new { x.AccountId, x.Key });
            e.HasIndex(x => x.At);
        });
        b.Entity<MessageSearch>(e =>
        {
            e.ToTable("message_search");
            e.HasKey(x => new { x.AccountId, x.ContentId });
            e.HasIndex(x => new { x.AccountId, x.Vector }).HasMethod("gin");
        });
        b.Entity<SearchBlock>(e => e.ToTable("search_block").HasKey(x => new { x.AccountId, x.Last }));
        b.Entity<SearchProgress>(e =>
        {
            e.ToTable("search_progress");
            e.HasKey(x => x.AccountId);
            e.Property(x => x.AccountId).ValueGeneratedNever();
        });
        b.Entity<Blob>(e =>
        {
            e.ToTable("blob");
            e.HasKey(x => new { x.TenantId, x.Hash });
            e.HasIndex(x => x.CondemnedAt).HasFilter("condemned_at is not null");
        });
        b.Entity<BlobChunk>(e => e.ToTable("blob_chunk").HasKey(x => new { x.TenantId, x.Hash, x.Number }));
        b.Entity<Upload>(e =>
        {
            e.ToTable("upload");
            e.HasKey(x => new { x.AccountId, x.Hash });
            e.HasIndex(x => x.At);
        });
        b.Entity<Identity>(e =>
        {
            e.ToTable("identity");
            e.HasKey(x => new { x.AccountId, x.Id });
            e.Property(x => x.Id).ValueGeneratedNever();
        });
        b.Entity<SendUsage>(e =>
        {
            e.ToTable("send_usage");
            e.HasKey(x => new { x.AccountId, x.Hour });
        });
        b.Entity<EmailSubmission>(e =>
        {
            e.ToTable("email_submission");
            e.HasKey(x => new { x.AccountId, x.Id });
            e.Property(x => x.Id).ValueGeneratedNever();
            e.HasIndex(x => x.SendAt).HasFilter("undo_status = 0");
            // What was sent and is not yet filed as sent: a handful at any time.
            e.HasIndex(x => x.OnSendMailboxId).HasFilter("undo_status = 1 and on_send_mailbox_id is not null").HasDatabaseName("ix_email_submission_to_file");
            e.HasIndex(x => new { x.AccountId, x.ModSeq });
        });
    }

    private static void MapSieve(ModelBuilder b)
    {
        b.Entity<SieveScriptEntry>(e =>
        {
            e.ToTable("sieve_script");
            e.HasKey(x => new { x.AccountId, x.Id });
            e.Property(x => x.Id).ValueGeneratedNever();
            e.HasIndex(x => new { x.AccountId, x.Name }).IsUnique();
        });
        b.Entity<VacationResponse>(e =>
        {
            e.ToTable("vacation_response");
            e.HasKey(x => x.AccountId);
            e.Property(x => x.AccountId).ValueGeneratedNever();
        });
        b.Entity<SieveMemory>(e =>
        {
            e.ToTable("sieve_memory");
            e.HasKey(x => new { x.AccountId, x.Kind, x.Key });
            e.HasIndex(x => x.ExpiresAt);
        });
    }

    private static void MapQueue(ModelBuilder b)
    {
        b.Entity<QueuedMessage>(e =>
        {
            e.ToTable("queue_message");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.HasIndex(x => new { x.TenantId, x.Id });
        });
        b.Entity<QueuedRecipient>(e =>
        {
            e.ToTable("queue_recipient");
            e.Property(x => x.Id).UseIdentityAlwaysColumn();
            e.HasOne<QueuedMessage>().WithMany().HasForeignKey(x => x.MessageId).OnDelete(DeleteBehavior.Cascade);
            e.HasIndex(x => new { x.MessageId, x.Destination });
            e.HasIndex(x => new { x.Destination, x.NextAttemptAt }).HasFilter("state = 0");
            e.HasIndex(x => x.NextAttemptAt).HasFilter("state = 0").HasDatabaseName("ix_queue_recipient_due");
            e.HasIndex(x => x.LeaseUntil).HasFilter("state = 1").HasDatabaseName("ix_queue_recipient_leased");
            e.HasIndex(x => x.ChangedAt).HasFilter("state = 5").HasDatabaseName("ix_queue_recipient_held");
        });
    }

    private void FilterByTenancy(ModelBuilder b)
    {
        b.Entity<Reseller>().HasQueryFilter(x => SeesAll || x.Id == OwnReseller);
        b.Entity<Tenant>().HasQueryFilter(x => SeesAll || x.Id == OwnTenant || x.ResellerId == OwnReseller);
        b.Entity<Plan>().HasQueryFilter(x => SeesAll || x.ResellerId == null || x.ResellerId == OwnReseller
            || Tenants.Any(t => t.PlanId == x.Id));
        b.Entity<MailDomain>().HasQueryFilter(x => SeesAll || x.TenantId == OwnTenant || Tenants.Any(t => t.Id == x.TenantId));
        b.Entity<DkimKey>().HasQueryFilter(x => SeesAll || x.TenantId == OwnTenant || Tenants.Any(t => t.Id == x.TenantId));
        b.Entity<Account>().HasQueryFilter(x => x.DeletedAt == null && (SeesAll
            || (SeesOneAccount ? x.Id == OwnAccount : x.TenantId == OwnTenant || Tenants.Any(t => t.Id == x.TenantId))));
        b.Entity<AccountState>().HasQueryFilter(x => SeesAll
            || (SeesOneAccount ? x.AccountId == OwnAccount : x.TenantId == OwnTenant || Tenants.Any(t => t.Id == x.TenantId)));
        b.Entity<AddressEntry>().HasQueryFilter(x => SeesAll || x.TenantId == OwnTenant || Tenants.Any(t => t.Id == x.TenantId));
        b.Entity<Brand>().HasQueryFilter(x => SeesAll || x.TenantId == OwnTenant || x.ResellerId == OwnReseller
            || Tenants.Any(t => t.Id == x.TenantId));
        b.Entity<Alias>().HasQueryFilter(x => SeesAll || x.TenantId == OwnTenant || Tenants.Any(t => t.Id == x.TenantId));
        b.Entity<Group>().HasQueryFilter(x => SeesAll || x.TenantId == OwnTenant || Tenants.Any(t => t.Id == x.TenantId));
        b.Entity<GroupMember>().HasQueryFilter(x => SeesAll || x.TenantId == OwnTenant || Tenants.Any(t => t.Id == x.TenantId));
        b.Entity<AuditEntry>().HasQueryFilter(x => SeesAll || x.TenantId == OwnTenant || x.ResellerId == OwnReseller
            || Tenants.Any(t => t.Id == x.TenantId));
        b.Entity<AppPassword>().HasQueryFilter(x => SeesAll
            || (SeesOneAccount ? x.AccountId == OwnAccount : Accounts.Any(a => a.Id == x.AccountId)));
        b.Entity<MailboxGrant>().HasQueryFilter(x => SeesAll
            || (SeesOneAccount ? x.AccountId == OwnAccount : Accounts.Any(a => a.Id == x.AccountId)));
        b.Entity<ScramKey>().HasQueryFilter(x => SeesAll
            || (SeesOneAccount ? x.AccountId == OwnAccount : Accounts.Any(a => a.Id == x.AccountId)));
        b.Entity<QueuedMessage>().HasQueryFilter(x => SeesAll || x.TenantId == OwnTenant || Tenants.Any(t => t.Id == x.TenantId));
    }
}
