# Plots what bench_scaling printed: gnuplot -c scaling.gnuplot DATA PICTURE
set terminal svg size 960,620 font "sans-serif,12" background "white"
set output ARG2
data = ARG1
set logscale x 2
set logscale y 10
set format y "%g"
set grid lc rgb "#dddddd"
set key top left reverse Left samplen 2
set multiplot layout 2,3 margins 0.08,0.98,0.09,0.94 spacing 0.08,0.13
array axes[3] = ["batch", "depth", "width"]
array lasts[3] = [4097, 128.1, 4097]
array ticks[3] = ["1, 8, 64, 512, 4096", "1, 2, 4, 8, 16, 32, 64, 128", "16, 64, 256, 1024, 4096"]
do for [i=1:3] {
  set title axes[i]
  set xrange [*:lasts[i]]
  eval "set xtics (" . ticks[i] . ")"
  set ylabel i == 1 ? "microseconds a sample" : ""
  if (i == 1) { set key top right } else { set key top left }
  plot data index 2*i-2 using 1:2 with linespoints lc rgb "#1f77b4" pt 7 ps 0.5 title "1 thread", \
       data index 2*i-1 using 1:2 with linespoints lc rgb "#d62728" pt 7 ps 0.5 title "2 threads", \
       data index 2*i-1 using 1:3 with lines dt 2 lc rgb "#d62728" title "peak, 2 threads"
}
set key top left
do for [i=1:3] {
  unset title
  set xrange [*:lasts[i]]
  eval "set xtics (" . ticks[i] . ")"
  set xlabel axes[i]
  set ylabel i == 1 ? "megabytes" : ""
  plot data index 2*i-1 using 1:4 with linespoints lc rgb "#2ca02c" pt 7 ps 0.5 \
         title "activations, scratch", \
       data index 2*i-1 using 1:5 with linespoints lc rgb "#9467bd" pt 7 ps 0.5 \
         title "weights, gradients, Adam"
}
