using Microsoft.EntityFrameworkCore.Migrations;
using NpgsqlTypes;

#nullable disable

namespace SaaS.Migrations.Versions
{
    /// <inheritdoc />
    public partial class Sharing : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "sender",
                table: "email_submission",
                type: "text",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "mailbox_grant",
                columns: table => new
                {
                    account_id = table.Column<long>(type: "bigint", nullable: false),
                    mailbox_id = table.Column<long>(type: "bigint", nullable: false),
                    grantee_kind = table.Column<short>(type: "smallint", nullable: false),
                    grantee_id = table.Column<long>(type: "bigint", nullable: false),
                    rights = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_mailbox_grant", x => new { x.account_id, x.mailbox_id, x.grantee_kind, x.grantee_id });
                });

            migrationBuilder.CreateTable(
                name: "reader_state",
                columns: table => new
                {
                    account_id = table.Column<long>(type: "bigint", nullable: false),
                    mailbox_id = table.Column<long>(type: "bigint", nullable: false),
                    reader_id = table.Column<long>(type: "bigint", nullable: false),
                    subscribed = table.Column<bool>(type: "boolean", nullable: true),
                    seen = table.Column<NpgsqlRange<long>[]>(type: "int8multirange", nullable: false, defaultValueSql: "'{}'")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_reader_state", x => new { x.account_id, x.mailbox_id, x.reader_id });
                });

            migrationBuilder.CreateIndex(
                name: "ix_mailbox_grant_grantee_kind_grantee_id",
                table: "mailbox_grant",
                columns: new[] { "grantee_kind", "grantee_id" });

            migrationBuilder.CreateIndex(
                name: "ix_reader_state_reader_id",
                table: "reader_state",
                column: "reader_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "mailbox_grant");

            migrationBuilder.DropTable(
                name: "reader_state");

            migrationBuilder.DropColumn(
                name: "sender",
                table: "email_submission");
        }
    }
}
