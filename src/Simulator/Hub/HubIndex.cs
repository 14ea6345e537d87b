using System.Text.Json;
using System.Text.Json.Nodes;
using GpuStack.Simulator.Storage;

namespace GpuStack.Simulator.Hub;

/// <summary>Reads <c>index.json</c> of a hub's folder, within bounds: names stay inside the folder, sizes agree with the disk.</summary>
public static class HubIndex
{
    private const int MaxBytes = 4 * 1024 * 1024;
    private const int MaxFiles = 10_000;

    /// <summary>The files of the folder.</summary>
    /// <exception cref="InvalidDataException">One sentence naming the index and what is wrong.</exception>
    public static IReadOnlyList<HubFile> Read(string directory)
    {
        var index = Path.Combine(directory, "index.json");
        if (!File.Exists(index))
            throw new InvalidDataException($"{index}: there is no such file; a model hub needs an index of its files.");
        if (new FileInfo(index).Length > MaxBytes)
            throw new InvalidDataException($"{index}: is larger than {MaxBytes} bytes.");
        JsonArray? entries;
        try
        {
            entries = JsonNode.Parse(File.ReadAllBytes(index)) as JsonArray;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{index}: is no JSON: {e.Message}", e);
        }
        if (entries is null || entries.Count > MaxFiles)
            throw new InvalidDataException($"{index}: expected a list of at most {MaxFiles} files.");
        return entries.Select((entry, i) => Entry(directory, $"{index}, entry {i}", entry as JsonObject)).ToArray();
    }

    private static HubFile Entry(string directory, string place, JsonObject? entry)
    {
        string Text(string field) => entry?[field].AsText() is { Length: > 0 } text ? text
            : throw new InvalidDataException($"{place}: {field} is missing or no text.");
        long Number(string field) => entry?[field].AsLong() is { } number and >= 0 ? number
            : throw new InvalidDataException($"{place}: {field} is missing or no size.");
        var root = Path.GetFullPath(directory);
        var path = Path.GetFullPath(Path.Combine(root, Text("owner"), Text("repo"), Text("file")));
        if (!path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new InvalidDataException($"{place}: the file lies outside of {directory}.");
        if (!File.Exists(path))
            throw new InvalidDataException($"{place}: {path} does not exist; regenerate the samples.");
        var file = new HubFile(Text("owner"), Text("repo"), Text("revision"), Text("commit"), Text("file"), path,
            new FileInfo(path).Length, Number("sizeBytes"), Text("etag"));
        return file.HeaderBytes == Number("headerBytes") && file.HeaderBytes <= file.SizeBytes ? file
            : throw new InvalidDataException($"{place}: headerBytes or sizeBytes do not agree with {path}; regenerate the samples.");
    }
}
