using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace SaaS.Migrations.Versions
{
    /// <inheritdoc />
    public partial class Webmail : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "thread_id",
                table: "message_tombstone",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "on_send_mailbox_id",
                table: "email_submission",
                type: "bigint",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_email_submission_to_file",
                table: "email_submission",
                column: "on_send_mailbox_id",
                filter: "undo_status = 1 and on_send_mailbox_id is not null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_email_submission_to_file",
                table: "email_submission");

            migrationBuilder.DropColumn(
                name: "thread_id",
                table: "message_tombstone");

            migrationBuilder.DropColumn(
                name: "on_send_mailbox_id",
                table: "email_submission");
        }
    }
}
