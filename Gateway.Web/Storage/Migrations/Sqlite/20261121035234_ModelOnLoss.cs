using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Gateway.Web.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class ModelOnLoss : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "on_loss",
                table: "models",
                type: "TEXT",
                maxLength: 16,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "on_loss",
                table: "models");
        }
    }
}
