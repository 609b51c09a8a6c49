using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Web.Storage.Migrations.Postgres
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
                type: "character varying(32)",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "draining",
                table: "providers",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "max_concurrency",
                table: "models",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "routing_policy",
                table: "models",
                type: "character varying(32)",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "draining",
                table: "backends",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "max_concurrency",
                table: "backends",
                type: "integer",
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
