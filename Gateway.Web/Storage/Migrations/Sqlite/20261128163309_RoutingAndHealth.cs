using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Web.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class RoutingAndHealth : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "routing_policy",
                table: "routes",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "draining",
                table: "providers",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "max_concurrency",
                table: "models",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "routing_policy",
                table: "models",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "draining",
                table: "backends",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "max_concurrency",
                table: "backends",
                type: "INTEGER",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "routing_policy",
                table: "routes");

            migrationBuilder.DropColumn(
                name: "draining",
                table: "providers");

            migrationBuilder.DropColumn(
                name: "max_concurrency",
                table: "models");

            migrationBuilder.DropColumn(
                name: "routing_policy",
                table: "models");

            migrationBuilder.DropColumn(
                name: "draining",
                table: "backends");

            migrationBuilder.DropColumn(
                name: "max_concurrency",
                table: "backends");
        }
    }
}
