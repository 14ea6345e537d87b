using System.Collections.Frozen;

namespace GpuStack.Simulator.ApiServer.Protobuf;

/// <summary>One field of a message.</summary>
internal sealed record ProtobufField(string Name, string Type, bool IsList, bool IsMap);

/// <summary>The messages that can be read, from the embedded table.</summary>
internal static class ProtobufMessages
{
    private static readonly FrozenDictionary<string, FrozenDictionary<int, ProtobufField>> Messages = Load();

    /// <summary>The fields of a message by number, or null when it is not in the table.</summary>
    public static FrozenDictionary<int, ProtobufField>? Find(string name) => Messages.GetValueOrDefault(name);

    private static FrozenDictionary<string, FrozenDictionary<int, ProtobufField>> Load()
    {
        var assembly = typeof(ProtobufMessages).Assembly;
        var resource = assembly.GetManifestResourceNames().Single(name => name.EndsWith("messages.proto.txt", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        var messages = new Dictionary<string, FrozenDictionary<int, ProtobufField>>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            var words = line.Split(' ');
            messages.Add(words[0], words.Skip(1).Select(word => word.Split(':')).ToFrozenDictionary(
                parts => int.Parse(parts[0]),
                parts => new ProtobufField(
                    parts[1], parts[2].TrimStart('[', ']', '{', '}'),
                    parts[2].StartsWith('['), parts[2].StartsWith('{'))));
        }

        return messages.ToFrozenDictionary();
    }
}
