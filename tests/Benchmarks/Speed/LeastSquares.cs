namespace GpuStack.Benchmarks.Speed;

/// <summary>Linear least squares by the normal equations, for a handful of unknowns.</summary>
internal static class LeastSquares
{
    /// <summary>The coefficients with which the terms of each row come closest to 1, in the sum of squares.</summary>
    /// <param name="rows">For each row the terms that its coefficients multiply, each divided by what was measured: errors are relative.</param>
    /// <returns>One coefficient per term.</returns>
    /// <exception cref="InvalidOperationException">The rows do not determine all of them.</exception>
    public static double[] Fit(IReadOnlyList<double[]> rows)
    {
        int unknowns = rows[0].Length;
        var equations = new double[unknowns, unknowns + 1];
        foreach (double[] terms in rows)
        {
            for (int i = 0; i < unknowns; i++)
            {
                for (int j = 0; j < unknowns; j++)
                {
                    equations[i, j] += terms[i] * terms[j];
                }

                equations[i, unknowns] += terms[i];
            }
        }

        Eliminate(equations, unknowns);
        return [.. Enumerable.Range(0, unknowns).Select(i => equations[i, unknowns] / equations[i, i])];
    }

    private static void Eliminate(double[,] equations, int unknowns)
    {
        for (int column = 0; column < unknowns; column++)
        {
            int pivot = Enumerable.Range(column, unknowns - column).MaxBy(row => Math.Abs(equations[row, column]));
            if (Math.Abs(equations[pivot, column]) < 1e-12)
            {
                throw new InvalidOperationException("The rows do not determine all coefficients.");
            }

            for (int j = 0; j <= unknowns; j++)
            {
                (equations[column, j], equations[pivot, j]) = (equations[pivot, j], equations[column, j]);
            }

            for (int row = 0; row < unknowns; row++)
            {
                double factor = row == column ? 0 : equations[row, column] / equations[column, column];
                for (int j = column; j <= unknowns; j++)
                {
                    equations[row, j] -= factor * equations[column, j];
                }
            }
        }
    }
}
