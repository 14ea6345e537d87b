using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GpuStack.Entities.Manifests;

/// <summary>
/// Finds where a field stands in a YAML text. Only asked for once something is wrong, so the text is parsed again rather than every
/// line remembered.
/// </summary>
internal static class YamlLines
{
    /// <summary>
    /// Line (from 1) of the field <paramref name="path"/>, such as <c>spec.env[2].name</c>, in the document with index
    /// <paramref name="document"/>; where the field is absent, the line of its nearest parent; null when nothing is known.
    /// </summary>
    public static long? Find(string text, string path, int document = 0)
    {
        try
        {
            using var reader = new StringReader(text);
            return new Search(new Parser(reader), path).Run(document);
        }
        catch (Exception exception) when (exception is YamlException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private sealed class Search(Parser parser, string wanted)
    {
        private int _bestLength = -1;
        private long? _bestLine;

        public long? Run(int document)
        {
            parser.Consume<StreamStart>();
            for (var i = 0; parser.TryConsume<DocumentStart>(out _); i++)
            {
                if (i == document) Value("", parser.Current?.Start.Line, 0);
                else parser.SkipThisAndNestedEvents();
                parser.Consume<DocumentEnd>();
                if (i == document) break;
            }
            return _bestLine;
        }

        private void Value(string path, long? line, int depth)
        {
            Offer(path, line);
            if (depth > 64) throw new InvalidOperationException("nested too deeply");
            if (parser.TryConsume<MappingStart>(out _))
            {
                while (!parser.TryConsume<MappingEnd>(out _))
                {
                    var key = parser.Consume<Scalar>();
                    Value(path.Length == 0 ? key.Value : $"{path}.{key.Value}", key.Start.Line, depth + 1);
                }
            }
            else if (parser.TryConsume<SequenceStart>(out _))
            {
                for (var i = 0; !parser.TryConsume<SequenceEnd>(out _); i++)
                    Value(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), parser.Current?.Start.Line, depth + 1);
            }
            else
            {
                parser.MoveNext();
            }
        }

        private void Offer(string path, long? line)
        {
            var isParent = path.Length == 0 || wanted == path
                || (wanted.StartsWith(path, StringComparison.Ordinal) && wanted.Length > path.Length && wanted[path.Length] is '.' or '[');
            if (!isParent || path.Length <= _bestLength) return;
            _bestLength = path.Length;
            _bestLine = line;
        }
    }
}
