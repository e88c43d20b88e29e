use seaworthy_intelligence::*; use seaworthy_matching::*; use seaworthy_inventory::*;
use std::io::Write;
fn main(){
 let a:Vec<String>=std::env::args().collect();
 let t0=std::time::Instant::now();
 let k=Store::new(std::path::Path::new(&a[1])).open().unwrap();
 let t1=t0.elapsed();
 let mut inv=read_packages_file(&a[2]).unwrap();
 let t2=t0.elapsed();
 let h=read_history(&a[3]).unwrap();
 let day=inv.date.clone().unwrap();
 let mut by:std::collections::HashMap<String,Vec<ChangelogEntry>>=Default::default();
 for r in h.rows { if r.kind==FixKind::Remove||r.date>day{continue} by.entry(r.package.clone()).or_default().push(ChangelogEntry{date:r.date.clone(),evr:r.evr.clone(),cves:vec![r.cve]}); }
 for p in &mut inv.packages { if let Some(v)=by.get(&p.name){p.changelog.extend(v.iter().cloned())} }
 let t3=t0.elapsed();
 let d: Vec<i64>=day.split('-').map(|x|x.parse().unwrap()).collect();
 let (y,m,dd)=(d[0],d[1],d[2]); let (y2,m2)=if m<=2{(y-1,m+9)}else{(y,m-3)}; let days=365*y2+y2/4-y2/100+y2/400+(153*m2+2)/5+dd-1-719468;
 let o=Options{as_of:Some((days as i32,day)),..Options::default()};
 let s=assess(&k,&inv,&o);
 let t4=t0.elapsed();
 let mut f=std::io::BufWriter::new(std::fs::File::create(&a[4]).unwrap());
 for x in &s.findings { serde_json::to_writer(&mut f,x).unwrap(); f.write_all(b"\n").unwrap(); }
 f.flush().unwrap();
 eprintln!("open {t1:?} pk {t2:?} hist {t3:?} assess {t4:?} out {:?} findings {} judged {} {:?}",t0.elapsed(),s.findings.len(),s.judged,s.blind_spot);
}
