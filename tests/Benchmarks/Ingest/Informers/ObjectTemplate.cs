using System.Text;

namespace GpuStack.Benchmarks.Ingest.Informers;

/// <summary>
/// An object's JSON with numbers to be filled in. Every number has as many digits as its mark has characters, so that all objects of a
/// template have one length, and filling in is a copy.
/// </summary>
internal sealed class ObjectTemplate
{
    private readonly byte[] _text;
    private readonly List<(int At, int Digits, Func<int, int, int> Value)> _marks = [];

    /// <param name="text">The JSON.</param>
    /// <param name="marks">The character that stands for a number, and the number of an object by its index and version.</param>
    public ObjectTemplate(string text, params ReadOnlySpan<(char Mark, Func<int, int, int> Value)> marks)
    {
        _text = Encoding.ASCII.GetBytes(text);
        foreach ((char mark, Func<int, int, int> value) in marks)
        {
            for (int at = text.IndexOf(mark); at >= 0; at = text.IndexOf(mark, at))
            {
                int end = at;
                while (text[end] == mark)
                {
                    end++;
                }

                _marks.Add((at, end - at, value));
                at = end;
            }
        }
    }

    /// <summary>Bytes of every object.</summary>
    public int Length => _text.Length;

    /// <summary>Writes one object to the beginning of <paramref name="target"/>.</summary>
    public void Write(Span<byte> target, int index, int version)
    {
        _text.CopyTo(target);
        foreach ((int at, int digits, Func<int, int, int> value) in _marks)
        {
            int rest = value(index, version);
            for (int i = at + digits - 1; i >= at; i--)
            {
                target[i] = (byte)('0' + rest % 10);
                rest /= 10;
            }
        }
    }
}
