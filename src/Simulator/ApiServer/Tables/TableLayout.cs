using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.ApiServer.Tables;

/// <summary>The columns of a resource's table.</summary>
internal sealed class TableLayout(params IReadOnlyList<TableColumn> columns)
{
    private IReadOnlyList<TableColumn> Columns => field ??= LeadsWithName ? [NameColumn, .. columns] : columns;

    /// <summary>Whether the first column is the name; events put it last.</summary>
    public bool LeadsWithName { get; init; } = true;

    private static TableColumn NameColumn { get; } = new("Name", "string", 0, (body, _) => body["metadata"]?["name"].AsText())
    {
        Format = "name",
        Description = "Name must be unique within a namespace.",
    };

    /// <summary>Name and age: what every kind has.</summary>
    public static TableLayout Plain { get; } = new(Age);

    /// <summary>Name and creation time: kinds that a real server has no printer for.</summary>
    public static TableLayout Fallback { get; } = new(
        new TableColumn("Created At", "date", 0, (body, _) => body["metadata"]?["creationTimestamp"].AsText()));

    public static TableColumn Age => new("Age", "string", 0, (body, now) => HumanDuration.Since(body["metadata"]?["creationTimestamp"], now))
    {
        Description = "CreationTimestamp is a timestamp representing the server time when this object was created.",
    };

    public JsonArray Definitions() => new([.. Columns.Select(column => new JsonObject
    {
        ["name"] = column.Name,
        ["type"] = column.Type,
        ["format"] = column.Format,
        ["description"] = column.Description,
        ["priority"] = column.Priority,
    })]);

    public JsonArray Cells(JsonObject body, DateTimeOffset now) => new([.. Columns.Select(column => column.Cell(body, now))]);
}
